// The one mutator of State: live, on recovery and on replay alike. Decides nothing, reads no clock.
#pragma once

#include "core/domain/events.h"
#include "core/domain/state.h"

namespace runledger::core {

// The event's run must be loaded (or be created by it). An event that does not fit the state throws
// std::logic_error: the log and this build disagree.
void apply(State& state, const Event& event);

// Takes a run that was stored elsewhere into the state. Its index entries are made if it has none
// yet; evicting leaves them, for a run that has not ended.
void load_run(State& state, RunState run);
void evict_run(State& state, const std::string& run_id);

}  // namespace runledger::core
