// What goes on when a run is resumed, begins anew with a step, or is held by the run above it. Pure
// functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/domain/advance.h"

namespace runledger::core {

// The tasks that have failed and pause the run, or would when it is resumed: they begin anew with
// it, unless they have been begun kAttemptsMax times.
std::vector<std::string> tasks_to_resume(const RunState& run);
// One that has been begun too often for that, of the run or of these steps; nullptr: none.
const TaskState* used_up_task(const RunState& run);
const TaskState* used_up_task(const RunState& run, const std::set<std::string>& steps);
// One of them that has not ended and of whose remote job nobody knows whether its provider has it;
// nullptr: none.
const TaskState* unanswered_task(const RunState& run, const std::set<std::string>& steps);

// One outside of these steps that has failed, and would pause the run again at once.
const TaskState* failed_beside(const RunState& run, const std::set<std::string>& steps);

// The step and all that need it, directly or not.
std::set<std::string> steps_from(const WorkflowSpec& spec, const std::string& step_id);

// A pause by hand holds the runs below as well, however deep, and its end lets them go on; a run
// that was let go while the one above is paused is held again. What follows for the runs right
// below, and for the run itself, from how it is paused or not.
std::vector<NewFact> spread_pause(const RunState& run, const Surroundings& around);

}  // namespace runledger::core
