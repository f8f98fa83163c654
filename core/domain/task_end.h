// What goes with the end of a task: its resources that never got any content end too, and a job of
// which nobody knows whether its provider has it keeps the task from failing until somebody says.
// Pure functions.
#pragma once

#include <vector>

#include "core/domain/decide.h"

namespace runledger::core {

// Nobody knows whether the provider has this job: the task waits, and what it was to become is
// there for those who look.
std::vector<NewFact> doubt(const RunState& run, const TaskState& task, const RemoteCall& call,
                           Error error);

// The end; for a failure in the middle of handing over a job the doubt instead, so that trying
// again never hands it over twice.
std::vector<NewFact> end_or_doubt(const RunState& run, const TaskState& task, EventBody end);

// The facts, and before each one that ends a task or has it begin anew what has to be said of its
// open resources and of its job in the middle of being handed over.
std::vector<NewFact> with_loose_ends(const State& state, std::vector<NewFact> facts);

}  // namespace runledger::core
