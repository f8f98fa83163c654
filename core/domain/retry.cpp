#include "core/domain/retry.h"

#include <algorithm>
#include <cmath>

#include "core/domain/derived_ids.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

bool is_retryable(const RetryPolicy& policy, const TaskState& task, const AttemptEnd& ended) {
  if (!ended.error.retryable) return false;
  if (task.failures + 1 >= policy.max_attempts || task.attempts.size() >= kAttemptsMax) {
    return false;
  }
  return std::find(policy.not_retryable.begin(), policy.not_retryable.end(), ended.error.code) ==
         policy.not_retryable.end();
}

// Half of the backoff is certain, half is chance, so that what failed together does not come back
// together.
std::uint64_t delay_ms(const RetryPolicy& policy, const TaskState& task, const AttemptEnd& ended,
                       const Command& command) {
  const double backoff =
      std::min(static_cast<double>(policy.max_ms),
               static_cast<double>(policy.initial_ms) * std::pow(policy.factor, task.failures));
  const double chance = fraction_of(command.command_id, task.task_id);
  const auto delay = static_cast<std::uint64_t>(backoff * (0.5 + chance / 2));
  return std::max(delay, std::min(ended.retry_after_ms, kDurationMsMax));
}

bool is_too_late(const RetryPolicy& policy, const TaskState& task, std::int64_t due_us) {
  if (policy.total_ms == 0) return false;
  // Those from before it began anew do not count.
  const auto first = std::find_if(
      task.attempts.begin(), task.attempts.end(),
      [&](const AttemptState& attempt) { return attempt.started_us >= task.first_ready_us; });
  const auto first_us = first == task.attempts.end() ? due_us : first->started_us;
  return due_us - first_us > static_cast<std::int64_t>(policy.total_ms) * kUsPerMs;
}

}  // namespace

EventBody retry_or_end(const RunState& run, const TaskState& task, const AttemptEnd& ended,
                       const Command& command) {
  const RetryPolicy& policy = run.step_of(task).retry;
  const std::uint64_t delay = delay_ms(policy, task, ended, command);
  const std::int64_t due_us = command.time_us + static_cast<std::int64_t>(delay) * kUsPerMs;
  if (is_retryable(policy, task, ended) && !is_too_late(policy, task, due_us)) {
    return TaskRetryScheduled{task.task_id, ended.attempt, !ended.timed_out.empty(),
                              ended.error,  delay,         due_us};
  }
  if (ended.timed_out.empty()) return TaskFailed{task.task_id, ended.attempt, ended.error};
  return TaskTimedOut{task.task_id, ended.attempt, ended.timed_out, ended.error};
}

}  // namespace runledger::core
