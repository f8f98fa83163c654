// Bringing back the state at start, from the rows and from what of the log they do not stand for
// yet. Takes time by active runs and tail, not by the length of the log.
#pragma once

#include <map>
#include <string>

#include "core/domain/commands.h"
#include "core/domain/state.h"
#include "eventlog/storage.h"

namespace runledger::core {

// Folds the tail into the rows first, then loads what is active. Throws LogError, EventCodecError
// or JsonShapeError: then nothing must run on.
State recover(eventlog::Storage& storage);

// Loads the run or the idempotency key that a command speaks of, if they are not in the state.
// Gives the run's id, or nothing.
std::string load_for(State& state, const eventlog::RowStore& rows, const Command& command);
void load_run_row(State& state, const eventlog::RowStore& rows, const std::string& run_id);

// All rows as a fold of the whole log, from nothing: what the stored rows must equal.
std::map<std::string, std::string> fold_rows(const eventlog::EventLog& log);

}  // namespace runledger::core
