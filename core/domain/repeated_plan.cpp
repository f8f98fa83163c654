#include "core/domain/repeated_plan.h"

namespace runledger::core {

// A submitted task becomes such a spec; whoever wrote the same spec as text means the same.
bool is_single_task(const RunPlan& plan) {
  const auto& steps = plan.spec.steps;
  if (steps.size() != 1 || steps[0].task_type.empty() || plan.input.text != "{}") return false;
  WorkflowSpec alike = single_task_spec(steps[0].task_type, {"{}"});
  alike.steps[0].input = steps[0].input;
  alike.steps[0].input_has_references = steps[0].input_has_references;
  return plan.spec == alike;
}

std::shared_ptr<const RunPlan> plan_with_input(const RunPlan& plan, const JsonText& input) {
  if (!is_single_task(plan)) {
    return std::make_shared<const RunPlan>(RunPlan{plan.spec, input, plan.session});
  }
  return std::make_shared<const RunPlan>(
      RunPlan{single_task_spec(plan.spec.steps[0].task_type, input), {"{}"}, plan.session});
}

}  // namespace runledger::core
