// The parts of apply(): what each kind of event does to a run. For the .cpp files of this folder.
#pragma once

#include <string>

#include "core/domain/events.h"
#include "core/domain/run_state.h"

namespace runledger::core {

// What the event decides; nullopt: a person has not decided it.
std::optional<Decided> decision_of(const RunState& run, const Event& event);

[[noreturn]] void misfit(const Event& event, const std::string& what);

RunState created_run(const Event& event, const RunCreated& created);

// Events that speak of one task: changes that task, and of a group adds its tasks.
class TaskFold {
 public:
  TaskFold(RunState& run, const Event& event) : run_(run), event_(event) {}

  void operator()(const TaskExpanded& expanded);
  void operator()(const TaskReady& ready);
  void operator()(const TaskSkipped& skipped);
  void operator()(const TaskChildStarted& started);
  void operator()(const TaskApprovalRequested& requested);
  void operator()(const TaskApproved& approved);
  void operator()(const TaskRejected& rejected);
  void operator()(const TaskReviewRequested& requested);
  void operator()(const TaskReviewed& reviewed);
  void operator()(const TaskLeased& leased);
  void operator()(const TaskProgressed& progressed);
  void operator()(const TaskStepCompleted& completed);
  void operator()(const TaskWaiting& waiting);
  void operator()(const TaskLeaseLost& lost);
  void operator()(const TaskRetryScheduled& scheduled);
  void operator()(const TaskSucceeded& succeeded);
  void operator()(const TaskFailed& failed);
  void operator()(const TaskTimedOut& timed_out);
  void operator()(const TaskCanceled& canceled);
  void operator()(const TaskReused& reused);
  void operator()(const RemoteIntended& intended);
  void operator()(const RemoteSubmitted& submitted);
  void operator()(const RemoteFailed& failed);
  void operator()(const RemoteUnknown& unknown);
  void operator()(const RemoteResolved& resolved);
  void operator()(const RemoteCancelRequested& requested);
  // Whatever the event is: which report of its worker it came of, if of one.
  void note_report(const std::string& task_id);

 private:
  TaskState& task_of(const std::string& task_id);
  void enter(TaskState& task, TaskStatus status);
  void end(TaskState& task, TaskStatus status, AttemptStatus attempt, std::optional<Error> error);
  void end_attempt(TaskState& task, AttemptStatus status, std::optional<Error> error);
  void leave_lease(TaskState& task);
  void remember(TaskState& task, MemoKind kind, const std::string& name, JsonText result);
  RemoteCall& call_of(TaskState& task, std::uint32_t ordinal);
  void settle(RemoteCall& call, RemoteStatus status);
  void submit(TaskState& task, RemoteCall& call, const std::string& execute_id);
  void move_resource(const RemoteCall& call, ResourceStatus status);
  RunState& run_;
  const Event& event_;
};

// What a review has come to, as the executor gets it: {"approved", "body": as it was shown or as
// the person corrected it, "corrected": true or false, "feedback", "by"}.
JsonText verdict_json(const TaskReviewed& reviewed, const JsonText& shown, const std::string& by);

// A task begins anew; its attempts stay on record.
void reset_task(TaskState& task, std::int64_t now_us);
// What a group had become: begun anew, it becomes tasks again.
void remove_items(RunState& run, std::uint32_t step_number);
// Begins their tasks anew: those of steps_from().
void reset_from(RunState& run, const std::string& step_id, std::int64_t now_us);

}  // namespace runledger::core
