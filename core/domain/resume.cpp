#include "core/domain/resume.h"

#include <algorithm>

namespace runledger::core {
namespace {

bool has_failed(const RunState& run, const TaskState& task) {
  return (task.status == TaskStatus::kFailed || task.status == TaskStatus::kTimedOut) &&
         run.step_of(task).on_error == OnError::kPause;
}

bool is_used_up(const TaskState& task) {
  return task.attempts.size() >= kAttemptsMax;
}

bool holds_what_is_below(const RunState& run) {
  return run.pause &&
         (run.pause->reason == PauseReason::kManual || run.pause->reason == PauseReason::kParent);
}

bool is_held(const RunState& run) {
  return run.pause && run.pause->reason == PauseReason::kParent;
}

const TaskState* find_task(const RunState& run, const auto& fits) {
  const auto found = std::find_if(run.tasks.begin(), run.tasks.end(), fits);
  return found == run.tasks.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> tasks_to_resume(const RunState& run) {
  std::vector<std::string> ids;
  for (const TaskState& task : run.tasks) {
    if (has_failed(run, task) && !is_used_up(task)) ids.push_back(task.task_id);
  }
  return ids;
}

const TaskState* used_up_task(const RunState& run) {
  return find_task(
      run, [&](const TaskState& task) { return has_failed(run, task) && is_used_up(task); });
}

const TaskState* used_up_task(const RunState& run, const std::set<std::string>& steps) {
  return find_task(
      run, [&](const TaskState& task) { return steps.contains(task.step) && is_used_up(task); });
}

const TaskState* failed_beside(const RunState& run, const std::set<std::string>& steps) {
  return find_task(run, [&](const TaskState& task) {
    return has_failed(run, task) && !steps.contains(task.step);
  });
}

const TaskState* unanswered_task(const RunState& run, const std::set<std::string>& steps) {
  return find_task(run, [&](const TaskState& task) {
    return steps.contains(task.step) && !is_ended(task.status) &&
           unanswered_call(task.remote_calls) != nullptr;
  });
}

std::set<std::string> steps_from(const WorkflowSpec& spec, const std::string& step_id) {
  std::set<std::string> affected = {step_id};
  for (const StepSpec& step : spec.steps) {  // what a step needs comes before it
    const bool needs_one = std::any_of(step.needs.begin(), step.needs.end(),
                                       [&](const auto& id) { return affected.contains(id); });
    if (needs_one) affected.insert(step.id);
  }
  return affected;
}

std::vector<NewFact> spread_pause(const RunState& run, const Surroundings& around) {
  if (!run.pause && run.parent) {
    const RunState* above = around.other_run(run.parent->run_id);
    if (above != nullptr && !above->ended() && holds_what_is_below(*above)) {
      return {fact_of(run, RunPaused{PauseReason::kParent, ""})};
    }
  }
  const bool hold = holds_what_is_below(run);
  std::vector<NewFact> facts;
  for (const TaskState& task : run.tasks) {
    if (is_ended(task.status) || task.child_run_id.empty()) continue;
    const RunState* below = around.other_run(task.child_run_id);
    if (below == nullptr || below->ended() || below->cancel_requested) continue;
    if (hold && !below->pause) {
      facts.push_back(fact_of(*below, RunPaused{PauseReason::kParent, ""}));
    } else if (!hold && is_held(*below)) {
      facts.push_back(fact_of(*below, RunResumed{tasks_to_resume(*below)}));
    }
  }
  return facts;
}

}  // namespace runledger::core
