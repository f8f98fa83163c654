// Bringing back the state at start, from the rows and from what of the log they do not stand for
// yet. Takes time by active runs and tail, not by the length of the log.
#pragma once

#include <functional>
#include <string>

#include "core/domain/commands.h"
#include "core/domain/state.h"
#include "core/engine/row_fold.h"
#include "eventlog/storage.h"

namespace runledger::core {

// Folds into the rows what they do not stand for yet, or, if they are of another version, all of
// the log; then loads what is active. Throws LogError, EventCodecError or JsonShapeError: then
// nothing must run on. All active runs are in the index, about that many stay loaded; each is shown
// to on_active.
State recover(eventlog::Storage& storage, std::size_t runs_in_memory_max = 20'000,
              const std::function<void(const RunState&)>& on_active = nullptr);

// Loads the run or the idempotency key that a command speaks of, if they are not in the state.
// Gives the run's id, or nothing.
std::string load_for(State& state, const eventlog::RowStore& rows, const Command& command);

}  // namespace runledger::core
