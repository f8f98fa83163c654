#include "core/domain/fold.h"

#include "core/domain/report_id.h"

namespace runledger::core {
namespace {

constexpr double kDone = 100;

}  // namespace

TaskState& TaskFold::task_of(const std::string& task_id) {
  TaskState* task = run_.find_task(task_id);
  if (task == nullptr) misfit(event_, "no task " + task_id);
  if (is_ended(task->status)) misfit(event_, "task " + task_id + " has ended");
  return *task;
}

void TaskFold::enter(TaskState& task, TaskStatus status) {
  task.status = status;
  task.since_us = event_.time_us;
  task.wait.reset();
  task.question.reset();
}

void TaskFold::end_attempt(TaskState& task, AttemptStatus status, std::optional<Error> error) {
  if (task.attempts.empty() || task.attempts.back().ended_us != 0) return;
  task.attempts.back().status = status;
  task.attempts.back().ended_us = event_.time_us;
  task.attempts.back().error = std::move(error);
}

void TaskFold::end(TaskState& task, TaskStatus status, AttemptStatus attempt,
                   std::optional<Error> error) {
  end_attempt(task, attempt, error);
  enter(task, status);
  task.error = std::move(error);
  task.memos.clear();
  task.poll.reset();
}

void TaskFold::leave_lease(TaskState& task) {
  if (task.attempts.empty()) misfit(event_, "task " + task.task_id + " was never leased");
  task.attempts.back().status = AttemptStatus::kWaiting;
}

void TaskFold::remember(TaskState& task, MemoKind kind, const std::string& name, JsonText result) {
  if (task.poll && kind == MemoKind::kPoll && task.poll->name == name) task.poll.reset();
  task.memos.push_back({kind, name, std::move(result), event_.idx});
}

void TaskFold::operator()(const TaskExpanded& expanded) {
  TaskState& group = task_of(expanded.task_id);
  enter(group, TaskStatus::kRunning);
  TaskState pattern;
  pattern.step = group.step;
  pattern.type = group.type;
  pattern.step_number = group.step_number;
  pattern.since_us = event_.time_us;
  for (const TaskExpanded::Item& item : expanded.items) {
    TaskState& task = run_.tasks.emplace_back(pattern);
    task.task_id = item.task_id;
    task.item = item.item;
    task.item_index = static_cast<std::uint32_t>(&item - expanded.items.data());
  }
}

void TaskFold::operator()(const TaskReady& ready) {
  TaskState& task = task_of(ready.task_id);
  if (task.wait && task.wait->kind == WaitKind::kTimer) {
    remember(task, MemoKind::kSleep, task.wait->name, {"null"});
  }
  if (task.held_by_worker()) leave_lease(task);  // a poll has found something
  enter(task, TaskStatus::kReady);
  // A task that comes back keeps its place in the queue.
  if (task.ready_offset == 0) {
    task.ready_offset = event_.offset;
    task.ready_us = event_.time_us;
  }
  if (task.first_ready_us == 0) task.first_ready_us = event_.time_us;
  if (ready.input) task.input = ready.input;
}

void TaskFold::operator()(const TaskSkipped& skipped) {
  TaskState& task = task_of(skipped.task_id);
  enter(task, TaskStatus::kSkipped);
  task.message = skipped.reason;
}

void TaskFold::operator()(const TaskChildStarted& started) {
  TaskState& task = task_of(started.task_id);
  enter(task, TaskStatus::kRunning);
  task.child_run_id = started.run_id;
  task.input = started.input;
  if (task.first_ready_us == 0) task.first_ready_us = event_.time_us;
}

void TaskFold::operator()(const TaskApprovalRequested& requested) {
  TaskState& task = task_of(requested.task_id);
  enter(task, TaskStatus::kWaiting);
  task.wait = Wait{WaitKind::kApproval, "", 0};
  task.input = requested.input;
  task.question.emplace();
  task.question->body = requested.input;
  task.question->content_sha256 = requested.content_sha256;
  task.question->roles = requested.roles;
  task.question->deadline_us = requested.deadline_us;
}

void TaskFold::operator()(const TaskApproved& approved) {
  TaskState& task = task_of(approved.task_id);
  enter(task, TaskStatus::kBlocked);
  task.approved = true;
  task.decided = decision_of(run_, event_);
}

void TaskFold::operator()(const TaskRejected& rejected) {
  TaskState& task = task_of(rejected.task_id);
  task.decided = decision_of(run_, event_);
  const std::string why = rejected.comment.empty() ? "" : ": " + rejected.comment;
  end(task, TaskStatus::kFailed, AttemptStatus::kFailed,
      Error{"approval_rejected", "It was not approved by " + event_.actor + why, false});
}

void TaskFold::operator()(const TaskReviewRequested& requested) {
  TaskState& task = task_of(requested.task_id);
  leave_lease(task);
  enter(task, TaskStatus::kReviewing);
  task.review_rounds = requested.round;
  task.question =
      Question{requested.name,   requested.round,          requested.body,  requested.validation,
               requested.schema, requested.content_sha256, requested.roles, requested.deadline_us};
}

void TaskFold::operator()(const TaskReviewed& reviewed) {
  TaskState& task = task_of(reviewed.task_id);
  if (!task.question) misfit(event_, "task " + task.task_id + " asks nothing");
  remember(task, MemoKind::kReview, reviewed.name,
           verdict_json(reviewed, task.question->body, event_.actor));
  enter(task, TaskStatus::kBlocked);
  task.decided = decision_of(run_, event_);
}

void TaskFold::operator()(const TaskLeased& leased) {
  TaskState& task = task_of(leased.task_id);
  enter(task, TaskStatus::kRunning);
  const bool goes_on = !task.attempts.empty() && task.attempts.back().ended_us == 0 &&
                       task.attempts.back().number == leased.attempt;
  if (!goes_on) {
    task.percent = 0;
    task.message.clear();
    task.attempts.emplace_back().started_us = event_.time_us;
  }
  AttemptState& attempt = task.attempts.back();
  attempt.number = leased.attempt;
  attempt.status = AttemptStatus::kRunning;
  attempt.lease_id = leased.lease_id;
  attempt.worker_id = leased.worker_id;
  attempt.worker_name = leased.worker_name;
  attempt.plugin_version = leased.plugin_version;
  attempt.plugin_sha256 = leased.plugin_sha256;
  attempt.remote = leased.remote;
  attempt.reports = 0;
}

void TaskFold::note_report(const std::string& task_id) {
  const auto report = report_of(event_.command_id);
  TaskState* task = report ? run_.find_task(task_id) : nullptr;
  if (task == nullptr || task->attempts.empty()) return;
  AttemptState& latest = task->attempts.back();
  if (latest.lease_id == report->lease_id) latest.reports = report->number;
}

void TaskFold::operator()(const TaskProgressed& progressed) {
  TaskState& task = task_of(progressed.task_id);
  task.percent = progressed.percent;
  task.message = progressed.message;
}

void TaskFold::operator()(const TaskStepCompleted& completed) {
  TaskState& task = task_of(completed.task_id);
  remember(task, completed.kind, completed.name, completed.result);
  if (!task.parked()) return;
  enter(task, TaskStatus::kRunning);
  task.attempts.back().status = AttemptStatus::kRunning;
}

void TaskFold::operator()(const TaskWaiting& waiting) {
  TaskState& task = task_of(waiting.task_id);
  leave_lease(task);
  enter(task, TaskStatus::kWaiting);
  task.wait =
      Wait{waiting.kind, waiting.name, waiting.due_us, waiting.deadline_us, waiting.lease_kept};
  if (waiting.kind != WaitKind::kPoll || task.poll) return;
  task.poll = PendingPoll{waiting.name, event_.time_us, waiting.deadline_us};
}

void TaskFold::operator()(const TaskLeaseLost& lost) {
  TaskState& task = task_of(lost.task_id);
  if (task.parked() || lost.reason == kNotBegun) {  // its attempt goes on elsewhere
    leave_lease(task);
    return enter(task, TaskStatus::kBlocked);
  }
  if (lost.charged) ++task.charged_losses;
  if (!lost.charged && lost.reason == kWorkerLost) ++task.silent_losses;
  end_attempt(task, AttemptStatus::kLeaseLost,
              Error{"lease_lost", "The lease was lost: " + lost.reason, true});
  enter(task, TaskStatus::kBlocked);
}

void TaskFold::operator()(const TaskRetryScheduled& scheduled) {
  TaskState& task = task_of(scheduled.task_id);
  end_attempt(task, scheduled.timed_out ? AttemptStatus::kTimedOut : AttemptStatus::kFailed,
              scheduled.error);
  ++task.failures;
  enter(task, TaskStatus::kWaiting);
  task.wait = Wait{WaitKind::kRetry, "", scheduled.due_us};
}

void TaskFold::operator()(const TaskSucceeded& succeeded) {
  TaskState& task = task_of(succeeded.task_id);
  end(task, TaskStatus::kSucceeded, AttemptStatus::kSucceeded, {});
  task.percent = kDone;
  task.output = succeeded.output;
}

void TaskFold::operator()(const TaskFailed& failed) {
  TaskState& task = task_of(failed.task_id);
  end(task, TaskStatus::kFailed, AttemptStatus::kFailed, failed.error);
}

void TaskFold::operator()(const TaskTimedOut& timed_out) {
  TaskState& task = task_of(timed_out.task_id);
  end(task, TaskStatus::kTimedOut, AttemptStatus::kTimedOut, timed_out.error);
}

void TaskFold::operator()(const TaskCanceled& canceled) {
  end(task_of(canceled.task_id), TaskStatus::kCanceled, AttemptStatus::kCanceled, {});
}

void TaskFold::operator()(const TaskReused& reused) {
  TaskState& task = task_of(reused.task_id);
  enter(task, reused.status);
  task.reused_from = reused.from_task_id;
  task.output = reused.output;
  task.error = reused.error;
  if (reused.status == TaskStatus::kSucceeded) task.percent = kDone;
}

}  // namespace runledger::core
