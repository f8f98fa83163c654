// The part of decide() about runs that repeat one that has ended.
#include "core/domain/decide_parts.h"
#include "core/domain/derived_ids.h"
#include "core/domain/repeated_plan.h"
#include "core/domain/resume.h"
#include "core/domain/run_scope.h"

namespace runledger::core {
namespace {

// What follows from the command has ids of its own.
constexpr const char* kIdSalt = "/repeat";

// It has come to an end that steps after it go by. What was cut short is done again.
bool counts_as_done(const RunState& run, const TaskState& task) {
  switch (task.status) {
    case TaskStatus::kSucceeded:
    case TaskStatus::kSkipped:
      return true;
    case TaskStatus::kFailed:
    case TaskStatus::kTimedOut:
      return run.step_of(task).on_error == OnError::kContinue;
    default:
      return false;
  }
}

SubmitRun submission_of(const RunState& run, const RetryRun& retry, DerivedIds& ids) {
  SubmitRun submit;
  submit.run_id = ids.make("run");
  submit.workflow = run.workflow;
  submit.workflow_version = run.workflow_version;
  submit.plan = retry.input ? plan_with_input(*run.plan, *retry.input) : run.plan;
  submit.labels = run.labels;
  submit.priority = run.priority;
  submit.concurrency = run.concurrency;
  submit.idempotency_key = retry.idempotency_key;
  submit.request_sha256 = retry.request_sha256;
  for (const StepSpec& step : submit.plan->spec.steps) {
    submit.tasks.push_back({step.id, ids.make("task")});
  }
  return submit;
}

}  // namespace

DecisionResult repeat_run(const State& state, const Command& command, const RunState& run,
                          const RetryRun& retry) {
  if (retry.input && !retry.from_step.empty()) {
    return Rejection{RejectionCode::kInvalid,
                     "Expected an input without from_step: what the earlier steps gave was made of "
                     "the old one",
                     {}};
  }
  DerivedIds ids(command.command_id + kIdSalt, command.time_us);
  const SubmitRun submit = submission_of(run, retry, ids);
  auto result = decide_submission(state, command, {submit, run.tenant, run.owner, run.run_id});
  auto* decision = std::get_if<Decision>(&result);
  if (decision == nullptr || decision->facts.empty() || retry.from_step.empty()) return result;
  const auto again = steps_from(run.plan->spec, retry.from_step);
  for (const PlannedTask& planned : submit.tasks) {
    const TaskState& task = main_task(run, planned.step);
    if (again.contains(planned.step) || !counts_as_done(run, task)) continue;
    decision->facts.push_back(
        {submit.run_id, run.tenant, run.owner,
         TaskReused{planned.task_id, task.task_id, task.status, task.output, task.error}});
  }
  return result;
}

}  // namespace runledger::core
