// What the references of a run's steps can see. The run (with its plan) and the task outlive it.
#pragma once

#include "core/domain/run_state.h"
#include "core/workflow/references.h"

namespace runledger::core {

// task: whose item ${item} is; nullptr where there is none.
ReferenceScope scope_of(const RunState& run, const TaskState* task);

// The task that stands for a step: of a for_each step the group.
const TaskState& main_task(const RunState& run, std::string_view step_id);

}  // namespace runledger::core
