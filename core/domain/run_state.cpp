#include "core/domain/run_state.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/json_codec.h"
#include "core/base/names.h"

namespace runledger::core {
namespace {

constexpr std::array<Name<OnConflict>, 3> kConflictNames{{{OnConflict::kReject, "reject"},
                                                          {OnConflict::kQueue, "queue"},
                                                          {OnConflict::kReplace, "replace"}}};

bool any_task(const RunState& run, TaskStatus status) {
  return std::any_of(run.tasks.begin(), run.tasks.end(),
                     [&](const TaskState& task) { return task.status == status; });
}

bool waits_for_approval(const TaskState& task) {
  return task.wait && task.wait->kind == WaitKind::kApproval;
}

bool any_unknown_remote(const RunState& run) {
  return std::any_of(run.tasks.begin(), run.tasks.end(),
                     [](const TaskState& task) { return task.waits_for_resolve(); });
}

// A worker is at it, or it waits for something that comes by itself.
bool moves(const TaskState& task) {
  if (task.status == TaskStatus::kWaiting) return !waits_for_approval(task);
  return task.at_work() || (task.status == TaskStatus::kRunning && !task.is_group);
}

}  // namespace

std::string_view to_text(OnConflict value) {
  return name_of(kConflictNames, value);
}
bool from_text(std::string_view text, OnConflict& value) {
  return find_name(kConflictNames, text, value);
}

const AttemptState* TaskState::held_under(std::string_view lease_id) const {
  if (!held_by_worker() || attempts.empty()) return nullptr;
  return attempts.back().lease_id == lease_id ? &attempts.back() : nullptr;
}

const TaskState* RunState::find_task(std::string_view task_id) const {
  const auto found = std::find_if(tasks.begin(), tasks.end(),
                                  [&](const TaskState& task) { return task.task_id == task_id; });
  return found == tasks.end() ? nullptr : &*found;
}

TaskState* RunState::find_task(std::string_view task_id) {
  return const_cast<TaskState*>(std::as_const(*this).find_task(task_id));
}

const ResourceState* RunState::find_resource(std::string_view resource_id) const {
  const auto found = std::find_if(resources.begin(), resources.end(), [&](const auto& resource) {
    return resource.resource_id == resource_id;
  });
  return found == resources.end() ? nullptr : &*found;
}

const StepSpec& RunState::step_of(const TaskState& task) const {
  return plan->spec.steps.at(task.step_number);
}

namespace {

double percent_alone(const TaskState& task) {
  return task.status == TaskStatus::kSkipped ? 100 : task.percent;
}

}  // namespace

double RunState::percent_of(const TaskState& task) const {
  if (!task.is_group || task.status == TaskStatus::kSucceeded) return percent_alone(task);
  double sum = 0;
  double counted = 0;
  for (const TaskState& each : tasks) {
    if (!each.item_index || each.step_number != task.step_number) continue;
    sum += percent_alone(each);
    ++counted;
  }
  return counted == 0 ? percent_alone(task) : sum / counted;
}

double RunState::percent() const {
  if (status == RunStatus::kSucceeded) return 100;
  double sum = 0;
  double counted = 0;
  for (const TaskState& task : tasks) {
    if (task.is_group && task.status == TaskStatus::kRunning) continue;  // its tasks count
    sum += percent_alone(task);
    ++counted;
  }
  return counted == 0 ? 0 : sum / counted;
}

std::optional<PauseReason> RunState::pause_reason() const {
  if (status != RunStatus::kPaused) return std::nullopt;
  if (pause) return pause->reason;
  return any_unknown_remote(*this) ? PauseReason::kUnknownRemote : PauseReason::kApproval;
}

bool RunState::operator==(const RunState& other) const {
  const bool same_plan = plan == other.plan || (plan && other.plan && *plan == *other.plan);
  return same_plan && json_codec::to_json(*this) == json_codec::to_json(other);
}

RunStatus status_of(const RunState& run) {
  if (run.cancel_requested) return RunStatus::kCanceling;
  if (run.pause || any_unknown_remote(run)) return RunStatus::kPaused;
  if (any_task(run, TaskStatus::kReviewing)) return RunStatus::kReviewing;
  if (std::any_of(run.tasks.begin(), run.tasks.end(), moves)) return RunStatus::kRunning;
  if (any_task(run, TaskStatus::kReady)) return RunStatus::kPending;
  if (std::any_of(run.tasks.begin(), run.tasks.end(), waits_for_approval)) {
    return RunStatus::kPaused;
  }
  return RunStatus::kPending;
}

}  // namespace runledger::core
