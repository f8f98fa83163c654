// The plan of a run that repeats another with an input of its own. Pure.
#pragma once

#include <memory>

#include "core/domain/run_plan.h"

namespace runledger::core {

// Of a run of a single task, whose input is its step's; for others the run's input is replaced.
bool is_single_task(const RunPlan& plan);
std::shared_ptr<const RunPlan> plan_with_input(const RunPlan& plan, const JsonText& input);

}  // namespace runledger::core
