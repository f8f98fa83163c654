#include "core/domain/waits.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "core/base/names.h"
#include "core/domain/commands.h"
#include "core/domain/deadlines.h"
#include "core/domain/state_index.h"

namespace runledger::core {
namespace {

using Kind = WaitReasonKind;

constexpr std::array<Name<Kind>, 15> kNames{{{Kind::kStartTime, "start_time"},
                                             {Kind::kConcurrencyKey, "concurrency_key"},
                                             {Kind::kWorker, "worker"},
                                             {Kind::kExecution, "execution"},
                                             {Kind::kSubWorkflow, "sub_workflow"},
                                             {Kind::kRetry, "retry"},
                                             {Kind::kTimer, "timer"},
                                             {Kind::kPoll, "poll"},
                                             {Kind::kApproval, "approval"},
                                             {Kind::kReview, "review"},
                                             {Kind::kPausedByHand, "paused_by_hand"},
                                             {Kind::kPausedByFailure, "paused_by_failure"},
                                             {Kind::kPausedWithParent, "paused_with_parent"},
                                             {Kind::kUnknownRemote, "unknown_remote"},
                                             {Kind::kCanceling, "canceling"}}};

const std::vector<std::string> kDeciders = {"owner", "operator"};

class Waits {
 public:
  explicit Waits(const RunState& run) : run_(run) {}

  std::vector<WaitReason> all() {
    if (!run_.admitted && !run_.cancel_requested) {
      before_admission();
    } else {
      if (run_.pause) paused();
      for (const TaskState& task : run_.tasks) look_at(task);
    }
    if (reasons_.empty()) {
      throw std::logic_error("run " + run_.run_id + " waits for nothing and has not ended");
    }
    return std::move(reasons_);
  }

 private:
  void add(WaitReason reason) {
    reason.has_deadline = reason.until_us != 0;
    const bool watched = !reason.has_deadline && reason.kind != Kind::kSubWorkflow;
    if (watched) reason.until_us = run_.overdue_us;
    reason.until_us = earlier_due(reason.until_us, deadline_of(run_));
    reasons_.push_back(std::move(reason));
  }
  void add_of_run(Kind kind, std::int64_t since_us, std::int64_t until_us,
                  std::vector<std::string> movers, std::string detail) {
    add({kind, "", "", since_us, until_us, std::move(movers), std::move(detail), "", false});
  }
  void add_of_task(Kind kind, const TaskState& task, std::vector<std::string> movers,
                   std::string detail) {
    add({kind, task.task_id, task.step, task.since_us, next_due_us(run_, task), std::move(movers),
         std::move(detail), task.child_run_id, false});
  }

  void before_admission() {
    if (run_.queued) {
      return add_of_run(Kind::kConcurrencyKey, run_.since_us, 0, {"time", "owner", "operator"},
                        "Other runs have the concurrency key '" + run_.concurrency->key + "'");
    }
    add_of_run(Kind::kStartTime, run_.created_us, run_.start_at_us, {"time"},
               "Its start_at has not come yet");
  }

  void paused() {
    switch (run_.pause->reason) {
      case PauseReason::kManual:
        return add_of_run(Kind::kPausedByHand, run_.pause->since_us, 0, kDeciders,
                          "Somebody has paused it; resume it");
      case PauseReason::kFailure:
        return paused_by(run_.pause->task_id);
      case PauseReason::kParent:
        return add_of_run(Kind::kPausedWithParent, run_.pause->since_us, 0, kDeciders,
                          "Run " + run_.parent->run_id + " above it is paused; resume that one");
      case PauseReason::kUnknownRemote:
        return add_of_run(Kind::kUnknownRemote, run_.pause->since_us, 0, {"operator"},
                          "It is not known what became of a remote job; resolve it");
      case PauseReason::kApproval:
        return;  // a task's, never the run's own
    }
  }

  void paused_by(const std::string& task_id) {
    const TaskState* failed = run_.find_task(task_id);
    const bool used_up = failed != nullptr && failed->attempts.size() >= kAttemptsMax;
    add({Kind::kPausedByFailure, task_id, failed == nullptr ? "" : failed->step,
         run_.pause->since_us, 0, kDeciders,
         "It has failed" +
             (failed != nullptr && failed->error
                  ? " (" + failed->error->code + ": " + failed->error->message + ")"
                  : "") +
             (used_up ? "; it has had all its attempts: cancel the run, and retry it as a new one"
                      : "; resume the run to try it again, or cancel it") +
             left_unknown(failed),
         "", false});
  }

  void look_at(const TaskState& task) {
    switch (task.status) {
      case TaskStatus::kReady:
        if (run_.pause) return;
        return add_of_task(Kind::kWorker, task, {"worker", "operator"},
                           "No worker for '" + task.type +
                               "' has taken it yet: there is none, all are busy, or a limit for "
                               "its type or tenant is reached");
      case TaskStatus::kRunning:
        return running(task);
      case TaskStatus::kWaiting:
        return waiting(task);
      case TaskStatus::kReviewing:
        return add_of_task(Kind::kReview, task, task.question->roles, "A person has to review it");
      default:
        return;  // blocked tasks wait for others, which have a reason; the rest has ended
    }
  }

  void running(const TaskState& task) {
    if (task.is_group) return;  // its tasks have their own reasons
    if (!task.child_run_id.empty()) {
      return add_of_task(Kind::kSubWorkflow, task, {"time"},
                         "Run " + task.child_run_id + " has not ended");
    }
    const AttemptState& attempt = task.attempts.back();
    if (run_.cancel_requested) {
      return add_of_task(Kind::kCanceling, task, {"worker", "time"},
                         "Worker " + attempt.worker_name + " has been asked to stop");
    }
    add_of_task(
        Kind::kExecution, task, {"worker"},
        "Worker " + attempt.worker_name + " is at it, attempt " + std::to_string(attempt.number));
  }

  void waiting(const TaskState& task) {
    switch (task.wait->kind) {
      case WaitKind::kRetry:
        return add_of_task(Kind::kRetry, task, {"time"}, "The next attempt is due then");
      case WaitKind::kTimer:
        return add_of_task(Kind::kTimer, task, {"time"}, task.wait->name);
      case WaitKind::kPoll:
        return add_of_task(Kind::kPoll, task, {"time"}, task.wait->name);
      case WaitKind::kApproval:
        return add_of_task(Kind::kApproval, task, task.question->roles,
                           "A person has to approve its input");
      case WaitKind::kUnknownRemote:
        return add_of_task(Kind::kUnknownRemote, task, {"operator"}, unknown_text(task));
    }
  }

  // It may have ended without anybody knowing.
  static std::string unknown_text(const TaskState& task) {
    const RemoteCall& call = task.remote_calls.back();
    return "It is not known whether " + call.provider + " has the job with the key " +
           call.idempotency_key + (call.error ? " (" + call.error->message + ")" : "") +
           "; look there and resolve it";
  }
  static std::string left_unknown(const TaskState* task) {
    const bool unknown = task != nullptr && unanswered_call(task->remote_calls) != nullptr;
    if (!unknown) return "";
    const RemoteCall& call = task->remote_calls.back();
    return "; whether " + call.provider + " has the job with the key " + call.idempotency_key +
           " is not known, and trying again hands it over under another key";
  }

  const RunState& run_;
  std::vector<WaitReason> reasons_;
};

}  // namespace

std::string_view to_text(WaitReasonKind kind) {
  return name_of(kNames, kind);
}

std::vector<WaitReason> waits_of(const RunState& run) {
  return Waits(run).all();
}

}  // namespace runledger::core
