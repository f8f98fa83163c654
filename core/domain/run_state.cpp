#include "core/domain/run_state.h"

#include <algorithm>
#include <array>
#include <utility>

namespace runledger::core {
namespace {

template <typename Status, std::size_t N>
struct StatusNames {
  std::array<std::pair<Status, std::string_view>, N> entries;

  std::string_view text(Status status) const {
    for (const auto& [value, name] : entries) {
      if (value == status) return name;
    }
    return "";
  }
  std::optional<Status> status(std::string_view text) const {
    for (const auto& [value, name] : entries) {
      if (name == text) return value;
    }
    return std::nullopt;
  }
};

constexpr StatusNames<RunStatus, 6> kRunNames{{{{RunStatus::kPending, "pending"},
                                                {RunStatus::kRunning, "running"},
                                                {RunStatus::kCanceling, "canceling"},
                                                {RunStatus::kSucceeded, "succeeded"},
                                                {RunStatus::kFailed, "failed"},
                                                {RunStatus::kCanceled, "canceled"}}}};
constexpr StatusNames<TaskStatus, 6> kTaskNames{{{{TaskStatus::kBlocked, "blocked"},
                                                  {TaskStatus::kReady, "ready"},
                                                  {TaskStatus::kRunning, "running"},
                                                  {TaskStatus::kSucceeded, "succeeded"},
                                                  {TaskStatus::kFailed, "failed"},
                                                  {TaskStatus::kCanceled, "canceled"}}}};
constexpr StatusNames<AttemptStatus, 5> kAttemptNames{
    {{{AttemptStatus::kRunning, "running"},
      {AttemptStatus::kSucceeded, "succeeded"},
      {AttemptStatus::kFailed, "failed"},
      {AttemptStatus::kCanceled, "canceled"},
      {AttemptStatus::kLeaseLost, "lease_lost"}}}};
constexpr StatusNames<ResourceStatus, 2> kResourceNames{
    {{{ResourceStatus::kPending, "pending"}, {ResourceStatus::kSucceeded, "succeeded"}}}};

}  // namespace

const AttemptState* TaskState::running_under(std::string_view lease_id) const {
  if (status != TaskStatus::kRunning || attempts.empty()) return nullptr;
  return attempts.back().lease_id == lease_id ? &attempts.back() : nullptr;
}

bool RunState::ended() const {
  return status == RunStatus::kSucceeded || status == RunStatus::kFailed ||
         status == RunStatus::kCanceled;
}

const TaskState* RunState::find_task(std::string_view task_id) const {
  const auto found = std::find_if(tasks.begin(), tasks.end(),
                                  [&](const TaskState& task) { return task.task_id == task_id; });
  return found == tasks.end() ? nullptr : &*found;
}

TaskState* RunState::find_task(std::string_view task_id) {
  return const_cast<TaskState*>(std::as_const(*this).find_task(task_id));
}

double RunState::percent() const {
  if (status == RunStatus::kSucceeded) return 100;
  if (tasks.empty()) return 0;
  double sum = 0;
  for (const TaskState& task : tasks) sum += task.percent;
  return sum / static_cast<double>(tasks.size());
}

std::string_view to_text(RunStatus status) {
  return kRunNames.text(status);
}
std::string_view to_text(TaskStatus status) {
  return kTaskNames.text(status);
}
std::string_view to_text(AttemptStatus status) {
  return kAttemptNames.text(status);
}
std::string_view to_text(ResourceStatus status) {
  return kResourceNames.text(status);
}

std::optional<RunStatus> run_status_from_text(std::string_view text) {
  return kRunNames.status(text);
}
std::optional<TaskStatus> task_status_from_text(std::string_view text) {
  return kTaskNames.status(text);
}
std::optional<AttemptStatus> attempt_status_from_text(std::string_view text) {
  return kAttemptNames.status(text);
}
std::optional<ResourceStatus> resource_status_from_text(std::string_view text) {
  return kResourceNames.status(text);
}

}  // namespace runledger::core
