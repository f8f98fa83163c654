// The part of decide() about jobs at other people's servers: workers report in the order intended,
// then submitted, failed or unknown; of what is unknown an operator says what became of it.
#include <algorithm>

#include "core/domain/decide_parts.h"
#include "core/domain/held_task.h"
#include "core/domain/task_end.h"

namespace runledger::core {
namespace {

constexpr std::size_t kMemoBytes = 1024;  // of a submitted job, at most

Rejection out_of_order(const Held& held, const std::string& what) {
  return {RejectionCode::kInvalid, "Task " + held.task->task_id + ": " + what, {}};
}

// The call that the report speaks of, if it has been intended and nothing was said of it since.
const RemoteCall* intended_call(const Held& held, std::uint32_t ordinal) {
  const RemoteCall* call = open_call(held.task->remote_calls);
  const bool fits = call != nullptr && call->ordinal == ordinal &&
                    call->status == RemoteStatus::kIntended && !held.task->parked();
  return fits ? call : nullptr;
}

// Those that are there, and those that jobs are to become.
std::size_t resources_of(const RunState& run) {
  std::size_t count = run.resources.size();
  for (const TaskState& task : run.tasks) {
    const RemoteCall* call = open_call(task.remote_calls);
    const bool to_come = call != nullptr && call->resource &&
                         run.find_resource(call->resource->resource_id) == nullptr;
    if (to_come) ++count;
  }
  return count;
}

// Why the job cannot be handed over; nullopt: it can.
std::optional<DecisionResult> refused(const Held& held, const IntendRemote& it,
                                      const RemoteCall* call) {
  const auto& calls = held.task->remote_calls;
  const std::size_t expected = call == nullptr ? calls.size() + 1 : call->ordinal;
  if (held.task->parked() || it.ordinal != expected) {
    return out_of_order(held, "expected its remote call " + std::to_string(expected) +
                                  ", but it reports number " + std::to_string(it.ordinal));
  }
  const bool unanswered = call != nullptr && call->status == RemoteStatus::kIntended;
  if (unanswered && !it.found_nothing) {
    return out_of_order(held, "expected it to say what became of its remote call " +
                                  std::to_string(expected) + " before it makes it again");
  }
  if (call == nullptr && calls.size() >= kRemoteCallsMax) {
    return failed(held, "too_many_remote_calls",
                  "A task makes at most " + std::to_string(kRemoteCallsMax) + " remote calls");
  }
  const bool one_more = it.resource && (call == nullptr || !call->resource);
  if (one_more && resources_of(*held.run) >= kResourcesMax) {
    return failed(held, "too_many_resources",
                  "A run has at most " + std::to_string(kResourcesMax) + " resources");
  }
  // Nothing is in the way when the job is there.
  if (auto full = no_room(held, it.provider.size() + kMemoBytes)) return *std::move(full);
  return std::nullopt;
}

std::string reason_again(const RemoteCall* call) {
  if (call == nullptr) return {};
  return call->status == RemoteStatus::kIntended ? "not_found" : std::string(to_text(call->status));
}

Decision replied(CommandReply reply) {
  Decision decision;
  decision.reply = std::move(reply);
  return decision;
}

// What was answered to a report that is in the log already, and is sent again.
template <typename Answer>
Decision answered_again(const State& state, const LeaseRef& lease, std::uint32_t ordinal,
                        Answer answer) {
  const TaskState* task = state.find_run(lease.run_id)->find_task(lease.task_id);
  for (const RemoteCall& call : task->remote_calls) {
    if (call.ordinal == ordinal) return replied(answer(call));
  }
  return Decision{};
}

Decision confirmed(const Held& held, const RemoteCall& call, const ConfirmRemote& it) {
  const std::string resource_id = call.resource ? call.resource->resource_id : "";
  Decision decision = one_fact(
      held, RemoteSubmitted{held.task->task_id, held.attempt->number, call.ordinal, call.provider,
                            call.idempotency_key, it.execute_id, resource_id, it.found});
  decision.reply = ResourceStored{resource_id};
  if (resource_id.empty() || held.run->find_resource(resource_id) != nullptr) return decision;
  decision.facts.push_back(
      fact_of(*held.run, ResourceCreated{resource_id, held.task->task_id, call.resource->name,
                                         call.resource->media_type, held.task->type,
                                         ResourceStatus::kRunning, it.execute_id}));
  return decision;
}

}  // namespace

DecisionResult decide_report(const State& state, const Command& command, const IntendRemote& it) {
  if (is_recorded(state, command, it.lease)) {
    return answered_again(state, it.lease, it.ordinal,
                          [](const RemoteCall& call) { return RemoteKey{call.idempotency_key}; });
  }
  return under(state, command, it.lease, [&](const Held& held) -> DecisionResult {
    if (held.run->cancel_requested) return canceled(held);
    const RemoteCall* call = open_call(held.task->remote_calls);
    const bool said_already = call != nullptr && call->status == RemoteStatus::kIntended &&
                              call->lease_id == it.lease.lease_id && call->ordinal == it.ordinal;
    if (said_already && !it.found_nothing) return replied(RemoteKey{call->idempotency_key});
    if (auto wrong = refused(held, it, call)) return *std::move(wrong);
    const TaskState& task = *held.task;
    RemoteIntended intended{task.task_id,
                            held.attempt->number,
                            it.ordinal,
                            it.provider,
                            remote_key(task.task_id, task.begun_anew, it.ordinal),
                            it.lease.lease_id,
                            call != nullptr && call->resource ? call->resource : it.resource,
                            reason_again(call)};
    const std::string key = intended.idempotency_key;
    Decision decision = one_fact(held, std::move(intended));
    decision.reply = RemoteKey{key};
    return decision;
  });
}

// Also of a run that is being canceled: it is a fact, and what follows is to cancel the job.
DecisionResult decide_report(const State& state, const Command& command, const ConfirmRemote& it) {
  if (is_recorded(state, command, it.lease)) {
    return answered_again(state, it.lease, it.ordinal, [](const RemoteCall& call) {
      return ResourceStored{call.resource ? call.resource->resource_id : ""};
    });
  }
  return under(state, command, it.lease, [&](const Held& held) -> DecisionResult {
    const RemoteCall* call = intended_call(held, it.ordinal);
    if (call != nullptr && call->idempotency_key == it.idempotency_key) {
      return confirmed(held, *call, it);
    }
    for (const RemoteCall& done : held.task->remote_calls) {
      const bool said_already = done.ordinal == it.ordinal && done.execute_id == it.execute_id &&
                                done.status == RemoteStatus::kSubmitted;
      if (!said_already) continue;
      return replied(ResourceStored{done.resource ? done.resource->resource_id : ""});
    }
    return out_of_order(held, "a job was submitted that was not intended");
  });
}

DecisionResult decide_report(const State& state, const Command& command, const RefuteRemote& it) {
  return under(state, command, it.lease, [&](const Held& held) -> DecisionResult {
    const RemoteCall* call = open_call(held.task->remote_calls);
    const bool said_already =
        call != nullptr && call->ordinal == it.ordinal && call->status == RemoteStatus::kFailed;
    if (said_already) return Decision{};
    call = intended_call(held, it.ordinal);
    if (call == nullptr) return out_of_order(held, "a job has failed that was not intended");
    return one_fact(held, RemoteFailed{held.task->task_id, held.attempt->number, call->ordinal,
                                       call->provider, call->idempotency_key, it.error});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const DoubtRemote& it) {
  return under(state, command, it.lease, [&](const Held& held) -> DecisionResult {
    if (held.run->cancel_requested) return canceled(held);
    const RemoteCall* call = intended_call(held, it.ordinal);
    if (call == nullptr) return out_of_order(held, "a job is unknown that was not intended");
    Decision decision;
    decision.facts = doubt(*held.run, *held.task, *call, {"outcome_unknown", it.message, false});
    return decision;
  });
}

// --- people ---

DecisionResult decide_person(const State& state, const Command& command,
                             const ResolveRemote& resolve) {
  auto found = visible_run(state, command, resolve.run_id);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  if (!command.by.may(Role::kOperator)) {
    return Rejection{RejectionCode::kForbidden, "Expected a token with the role operator", {}};
  }
  found = open_run(state, command, resolve.run_id, resolve.expected_version);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const RunState& run = *std::get<const RunState*>(found);
  const TaskState* task = run.find_task(resolve.task_id);
  if (task == nullptr) {
    return Rejection{RejectionCode::kNotFound, "There is no task " + resolve.task_id, {}};
  }
  if (run.cancel_requested || !task->waits_for_resolve()) {
    return moved_on(run,
                    "to wait for somebody who says what became of a remote job of task " +
                        task->task_id + ", but the task is " + std::string(to_text(task->status)),
                    task->decided ? &*task->decided : nullptr);
  }
  const RemoteCall& call = task->remote_calls.back();
  const bool submitted = resolve.outcome == RemoteOutcome::kSubmitted;
  DecisionResult result =
      accepted(run, run.status,
               RemoteResolved{task->task_id, call.ordinal, call.provider, call.idempotency_key,
                              resolve.outcome, submitted ? resolve.execute_id : "",
                              call.resource ? call.resource->resource_id : "", resolve.message});
  if (resolve.outcome == RemoteOutcome::kFailed) {
    const std::string why = resolve.message.empty() ? "" : ": " + resolve.message;
    std::get<Decision>(result).facts.push_back(fact_of(
        run, TaskFailed{task->task_id,
                        static_cast<std::uint32_t>(task->attempts.size()),
                        {"remote_failed",
                         "Whoever looked at " + call.provider + " says that the job failed" + why,
                         false}}));
  }
  return result;
}

}  // namespace runledger::core
