// The part of apply() about jobs at other people's servers.
#include "core/domain/fold.h"

namespace runledger::core {

RemoteCall& TaskFold::call_of(TaskState& task, std::uint32_t ordinal) {
  if (task.remote_calls.size() != ordinal || open_call(task.remote_calls) == nullptr) {
    misfit(event_, "task " + task.task_id + " has no open remote call " + std::to_string(ordinal));
  }
  return task.remote_calls.back();
}

void TaskFold::settle(RemoteCall& call, RemoteStatus status) {
  call.status = status;
  call.since_us = event_.time_us;
}

void TaskFold::move_resource(const RemoteCall& call, ResourceStatus status) {
  if (!call.resource) return;
  for (ResourceState& resource : run_.resources) {
    if (resource.resource_id != call.resource->resource_id || !resource.open()) continue;
    resource.status = status;
    resource.execute_id = call.execute_id;
  }
}

void TaskFold::submit(TaskState& task, RemoteCall& call, const std::string& execute_id) {
  settle(call, RemoteStatus::kSubmitted);
  call.execute_id = execute_id;
  call.error.reset();
  move_resource(call, ResourceStatus::kRunning);
  remember(task, MemoKind::kRemote, call.provider, remote_result(call));
}

void TaskFold::operator()(const RemoteIntended& intended) {
  TaskState& task = task_of(intended.task_id);
  if (open_call(task.remote_calls) == nullptr) task.remote_calls.emplace_back();
  task.remote_calls.back().ordinal = intended.ordinal;
  RemoteCall& call = call_of(task, intended.ordinal);
  settle(call, RemoteStatus::kIntended);
  call.provider = intended.provider;
  call.idempotency_key = intended.idempotency_key;
  call.lease_id = intended.lease_id;
  call.resource = intended.resource;
  call.error.reset();
}

void TaskFold::operator()(const RemoteSubmitted& submitted) {
  TaskState& task = task_of(submitted.task_id);
  submit(task, call_of(task, submitted.ordinal), submitted.execute_id);
}

void TaskFold::operator()(const RemoteFailed& failed) {
  RemoteCall& call = call_of(task_of(failed.task_id), failed.ordinal);
  settle(call, RemoteStatus::kFailed);
  call.error = failed.error;
}

void TaskFold::operator()(const RemoteUnknown& unknown) {
  TaskState& task = task_of(unknown.task_id);
  RemoteCall& call = call_of(task, unknown.ordinal);
  settle(call, RemoteStatus::kUnknown);
  call.error = unknown.error;
  move_resource(call, ResourceStatus::kUnknown);
  if (task.held_by_worker()) leave_lease(task);
  enter(task, TaskStatus::kWaiting);
  task.wait = Wait{WaitKind::kUnknownRemote, unknown.provider, 0};
}

void TaskFold::operator()(const RemoteResolved& resolved) {
  TaskState& task = task_of(resolved.task_id);
  RemoteCall& call = call_of(task, resolved.ordinal);
  enter(task, TaskStatus::kBlocked);
  task.decided = decision_of(run_, event_);
  switch (resolved.outcome) {
    case RemoteOutcome::kSubmitted:
      return submit(task, call, resolved.execute_id);
    case RemoteOutcome::kNotSubmitted:
      move_resource(call, ResourceStatus::kPending);
      return settle(call, RemoteStatus::kNotSubmitted);
    case RemoteOutcome::kFailed:
      return settle(call, RemoteStatus::kFailed);
  }
}

void TaskFold::operator()(const RemoteCancelRequested& requested) {
  for (RemoteCall& call : task_of(requested.task_id).remote_calls) {
    if (call.ordinal == requested.ordinal) call.cancel_requested = true;
  }
}

}  // namespace runledger::core
