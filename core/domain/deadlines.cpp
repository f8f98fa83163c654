#include "core/domain/deadlines.h"

#include <algorithm>

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

std::int64_t after(std::int64_t from_us, std::uint64_t ms) {
  return from_us + static_cast<std::int64_t>(ms) * kUsPerMs;
}

// Blocked tasks wait for others, groups for their tasks, and a sub-workflow is a run of its own.
bool is_waited_for(const TaskState& task) {
  return !is_ended(task.status) && task.status != TaskStatus::kBlocked && !task.is_group &&
         (task.status != TaskStatus::kRunning || task.child_run_id.empty());
}

}  // namespace

std::string_view to_text(DeadlineKind kind) {
  switch (kind) {
    case DeadlineKind::kGoesOn:
      return "goes_on";
    case DeadlineKind::kQueue:
      return "queue";
    case DeadlineKind::kAttempt:
      return "attempt";
    case DeadlineKind::kTotal:
      return "total";
    case DeadlineKind::kApproval:
      return "approval";
    case DeadlineKind::kReview:
      return "review";
  }
  return "";
}

std::int64_t deadline_of(const RunState& run) {
  return run.cancel_requested ? 0 : run.deadline_us;
}

Deadlines deadlines_of(const RunState& run, const TaskState& task) {
  Deadlines deadlines;
  const Timeouts& timeouts = run.step_of(task).timeouts;
  if (timeouts.total_ms != 0 && task.first_ready_us != 0) {
    deadlines.add(DeadlineKind::kTotal, after(task.first_ready_us, timeouts.total_ms));
  }
  if (task.status == TaskStatus::kReady && timeouts.queue_ms != 0 && !run.pause) {
    deadlines.add(DeadlineKind::kQueue, after(task.since_us, timeouts.queue_ms));
  }
  const bool attempt_runs = !task.attempts.empty() && task.attempts.back().ended_us == 0;
  if (attempt_runs && timeouts.attempt_ms != 0 && task.held_by_worker()) {
    deadlines.add(DeadlineKind::kAttempt, after(task.since_us, timeouts.attempt_ms));
  }
  if (task.wait && task.wait->due_us != 0) {
    deadlines.add(DeadlineKind::kGoesOn, task.wait->due_us);
  }
  if (task.question && task.question->deadline_us != 0) {
    const bool review = task.status == TaskStatus::kReviewing;
    deadlines.add(review ? DeadlineKind::kReview : DeadlineKind::kApproval,
                  task.question->deadline_us);
  }
  return deadlines;
}

bool waits_without_end(const RunState& run) {
  if (!run.admitted && !run.cancel_requested) return run.queued;
  if (run.pause) return true;
  return std::any_of(run.tasks.begin(), run.tasks.end(), [&](const TaskState& task) {
    return is_waited_for(task) && deadlines_of(run, task).empty();
  });
}

}  // namespace runledger::core
