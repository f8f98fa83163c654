#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/base/json_writer.h"
#include "core/domain/fold.h"
#include "core/domain/resume.h"

namespace runledger::core {
namespace {

std::string type_of_step(const StepSpec& step) {
  return step.workflow.empty() ? step.task_type : "workflow/" + step.workflow;
}

}  // namespace

void misfit(const Event& event, const std::string& what) {
  throw std::logic_error("event '" + std::string(type_of(event.body)) + "' at offset " +
                         std::to_string(event.offset) + " does not fit the state: " + what);
}

// Approvals, rejections and reviews are always a person's.
std::optional<Decided> decision_of(const RunState& run, const Event& event) {
  if (!event.actor.starts_with(kUserActorPrefix)) return std::nullopt;
  const auto* paused = std::get_if<RunPaused>(&event.body);
  if (paused != nullptr && paused->reason != PauseReason::kManual) return std::nullopt;
  const auto* cancel = std::get_if<RunCancelRequested>(&event.body);
  if (cancel != nullptr && !cancel->reason.empty()) return std::nullopt;
  return Decided{event.actor, std::string(type_of(event.body)), event.time_us, event.offset,
                 run.version + 1};
}

RunState created_run(const Event& event, const RunCreated& created) {
  const auto& steps = created.plan->spec.steps;
  if (steps.size() != created.tasks.size()) misfit(event, "it has not one task a step");
  RunState run;
  run.run_id = created.run_id;
  run.tenant = event.tenant;
  run.owner = event.owner;
  run.workflow = created.workflow;
  run.workflow_version = created.workflow_version;
  run.created_offset = event.offset;
  run.created_us = event.time_us;
  run.since_us = event.time_us;
  run.priority = created.priority;
  run.labels = created.labels;
  run.concurrency = created.concurrency;
  run.start_at_us = created.start_at_us;
  run.overdue_after_ms = created.overdue_after_ms;
  run.parent = created.parent;
  run.depth = created.depth;
  run.sub_runs_max = created.sub_runs_max;
  run.retry_of = created.retry_of;
  run.plan = created.plan;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    TaskState& task = run.tasks.emplace_back();
    task.task_id = created.tasks[i].task_id;
    task.step = steps[i].id;
    task.type = type_of_step(steps[i]);
    task.step_number = static_cast<std::uint32_t>(i);
    task.is_group = steps[i].for_each.has_value();
    task.since_us = event.time_us;
  }
  return run;
}

JsonText verdict_json(const TaskReviewed& reviewed, const JsonText& shown, const std::string& by) {
  return {JsonWriter()
              .json("approved", reviewed.approved ? "true" : "false")
              .json("body", reviewed.corrected.value_or(shown).text)
              .json("corrected", reviewed.corrected ? "true" : "false")
              .text("feedback", reviewed.feedback)
              .text("by", by)
              .take()};
}

void remove_items(RunState& run, std::uint32_t step_number) {
  std::erase_if(run.tasks, [&](const TaskState& task) {
    return task.step_number == step_number && task.item_index;
  });
}

void reset_task(TaskState& task, std::int64_t now_us) {
  TaskState fresh;
  fresh.task_id = task.task_id;
  fresh.step = task.step;
  fresh.type = task.type;
  fresh.step_number = task.step_number;
  fresh.is_group = task.is_group;
  fresh.item_index = task.item_index;
  fresh.item = task.item;
  fresh.since_us = now_us;
  fresh.decided = task.decided;
  fresh.begun_anew = task.begun_anew + 1;
  fresh.attempts = std::move(task.attempts);
  if (!fresh.attempts.empty() && fresh.attempts.back().ended_us == 0) {  // it was waiting
    fresh.attempts.back().status = AttemptStatus::kCanceled;
    fresh.attempts.back().ended_us = now_us;
  }
  task = std::move(fresh);
}

void reset_from(RunState& run, const std::string& step_id, std::int64_t now_us) {
  const std::set<std::string> affected = steps_from(run.plan->spec, step_id);
  const auto& steps = run.plan->spec.steps;
  for (std::uint32_t number = 0; number < steps.size(); ++number) {
    if (affected.contains(steps[number].id)) remove_items(run, number);
  }
  for (TaskState& task : run.tasks) {
    if (affected.contains(task.step)) reset_task(task, now_us);
  }
}

}  // namespace runledger::core
