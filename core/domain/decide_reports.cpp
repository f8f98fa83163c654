// The part of decide() about tasks that workers hold: what comes under a lease, and losing it.
#include <algorithm>

#include "core/base/json_writer.h"
#include "core/base/sha256.h"
#include "core/domain/decide_parts.h"
#include "core/domain/held_task.h"
#include "core/domain/retry.h"
#include "core/domain/task_end.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

// Whether losing one more lease is the end of the task.
std::optional<Error> too_many_losses(const TaskState& task, const std::string& reason,
                                     bool charged) {
  if (task.attempts.size() >= kAttemptsMax) {
    return Error{"too_many_attempts",
                 "The task was begun " + std::to_string(kAttemptsMax) + " times", false};
  }
  const bool silent = !charged && reason == kWorkerLost;
  const bool too_often = (charged && task.charged_losses + 1 >= kLeaseLossesMax) ||
                         (silent && task.silent_losses + 1 >= kSilentLossesMax);
  if (!too_often) return std::nullopt;
  return Error{"worker_lost",
               "Workers were lost too often while they had this task; the last time: " + reason,
               false};
}

const ResourceState* resource_of(const RunState& run, const StoreResource& it) {
  for (const ResourceState& known : run.resources) {
    const bool same =
        known.task_id == it.lease.task_id && known.name == it.name && known.sha256 == it.sha256;
    if (same) return &known;
  }
  return nullptr;
}

Decision lose(const Held& held, const std::string& reason, bool charged) {
  const TaskState& task = *held.task;
  // It only waited, or waited to begin: nobody is to blame, and the attempt goes on.
  if (task.parked() || reason == kNotBegun) {
    return one_fact(held, TaskLeaseLost{task.task_id, held.attempt->number, held.attempt->lease_id,
                                        reason, false});
  }
  Decision decision = one_fact(held, TaskLeaseLost{task.task_id, held.attempt->number,
                                                   held.attempt->lease_id, reason, charged});
  if (held.run->cancel_requested) return decision;  // the task is canceled by what follows
  if (const auto error = too_many_losses(task, reason, charged)) {
    for (NewFact& fact :
         end_or_doubt(*held.run, task, TaskFailed{task.task_id, held.attempt->number, *error})) {
      decision.facts.push_back(std::move(fact));
    }
  }
  return decision;
}

// Over all its attempts: beginning anew does not make an input harmless.
std::uint32_t crashes_of(const TaskState& task) {
  const auto is_crash = [](const AttemptState& attempt) {
    return attempt.error &&
           (attempt.error->code == kPluginCrashed || attempt.error->code == kQuarantined);
  };
  return static_cast<std::uint32_t>(
      std::count_if(task.attempts.begin(), task.attempts.end(), is_crash));
}

// What a job of the task is to become under this name; nullptr: nothing.
const ResourceState* placeholder(const Held& held, const std::string& name) {
  const auto& all = held.run->resources;
  const auto found = std::find_if(all.begin(), all.end(), [&](const ResourceState& resource) {
    return resource.task_id == held.task->task_id && resource.name == name &&
           resource.status == ResourceStatus::kRunning;
  });
  return found == all.end() ? nullptr : &*found;
}

Decision fill(const Held& held, const ResourceState& wanted, const StoreResource& it) {
  const bool as_expected = wanted.media_type == it.media_type;
  Decision decision = one_fact(held, ResourceSucceeded{wanted.resource_id, it.sha256, it.size,
                                                       as_expected ? "" : it.media_type});
  decision.reply = ResourceStored{wanted.resource_id};
  return decision;
}

std::int64_t later(const Command& command, std::uint64_t ms) {
  return command.time_us + static_cast<std::int64_t>(std::min(ms, kDurationMsMax)) * kUsPerMs;
}

std::int64_t deadline_after(const Command& command, std::uint64_t timeout_ms) {
  return timeout_ms == 0 ? 0 : later(command, timeout_ms);
}

// What a decision is bound to: the round too, since the same body may be shown again in the next
// one, to which a decision that is late must not count.
std::string question_hash(const RequestReview& it, std::uint32_t round) {
  return sha256_hex(
      JsonWriter().text("name", it.name).number("round", round).json("body", it.body.text).take());
}

}  // namespace

DecisionResult decide_report(const State& state, const Command& command, const LoseLease& lost) {
  return under(state, command, {lost.run_id, lost.task_id, lost.lease_id},
               [&](const Held& held) { return lose(held, lost.reason, lost.charged); });
}

DecisionResult decide_report(const State& state, const Command& command, const RecordProgress& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    return one_fact(held, TaskProgressed{held.task->task_id, held.attempt->number,
                                         std::clamp(it.percent, 0.0, 100.0), it.message});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const RecordEmitted& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    return one_fact(held,
                    TaskEmitted{held.task->task_id, held.attempt->number, it.event_type, it.data});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const RecordLog& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    return one_fact(held, TaskLogged{held.task->task_id, held.attempt->number, it.level, it.text});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const StoreResource& it) {
  if (is_recorded(state, command, it.lease)) {
    Decision again;
    if (const ResourceState* known = resource_of(*state.find_run(it.lease.run_id), it)) {
      again.reply = ResourceStored{known->resource_id};
    }
    return again;
  }
  return under(state, command, it.lease, [&](const Held& held) -> DecisionResult {
    if (const ResourceState* wanted = placeholder(held, it.name)) return fill(held, *wanted, it);
    Decision decision;
    // An attempt that was lost may have stored the same thing already.
    if (const ResourceState* known = resource_of(*held.run, it)) {
      decision.reply = ResourceStored{known->resource_id};
      return decision;
    }
    if (held.run->resources.size() >= kResourcesMax) {
      return failed(held, "too_many_resources",
                    "A run has at most " + std::to_string(kResourcesMax) + " resources");
    }
    decision.reply = ResourceStored{it.resource_id};
    decision.facts.push_back(fact_of(
        *held.run, ResourceCreated{it.resource_id, held.task->task_id, it.name, it.media_type,
                                   held.task->type, ResourceStatus::kPending, ""}));
    decision.facts.push_back(
        fact_of(*held.run, ResourceSucceeded{it.resource_id, it.sha256, it.size, ""}));
    return decision;
  });
}

DecisionResult decide_report(const State& state, const Command& command, const CompleteStep& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (auto full = no_room(held, it.name.size() + it.result.text.size())) return *full;
    Decision decision = one_fact(held, TaskStepCompleted{held.task->task_id, held.attempt->number,
                                                         it.kind, it.name, it.result});
    if (!it.release) return decision;
    if (held.run->cancel_requested) return canceled(held);
    decision.facts.push_back(fact_of(*held.run, TaskReady{held.task->task_id, {}}));
    return decision;
  });
}

DecisionResult decide_report(const State& state, const Command& command, const Sleep& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    if (auto full = no_room(held, it.name.size())) return *full;
    return one_fact(held, TaskWaiting{held.task->task_id, held.attempt->number, WaitKind::kTimer,
                                      it.name, later(command, it.delay_ms), 0, false});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const WaitForPoll& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    if (it.keep_lease && held.task->parked() && held.task->wait->name == it.name) {
      return Decision{};  // no news
    }
    const std::int64_t deadline_us =
        held.task->poll ? held.task->poll->deadline_us : deadline_after(command, it.timeout_ms);
    const std::int64_t due_us = it.keep_lease ? 0 : later(command, it.every_ms);
    return one_fact(held, TaskWaiting{held.task->task_id, held.attempt->number, WaitKind::kPoll,
                                      it.name, due_us, deadline_us, it.keep_lease});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const RequestReview& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    if (auto full = no_room(held, it.name.size() + it.body.text.size())) return *full;
    const ReviewPolicy& policy = held.run->step_of(*held.task).review;
    return one_fact(
        held, TaskReviewRequested{held.task->task_id, held.attempt->number, it.name,
                                  held.task->review_rounds + 1, it.body, it.validation, it.schema,
                                  question_hash(it, held.task->review_rounds + 1), policy.roles,
                                  deadline_after(command, policy.timeout_ms)});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const CompleteTask& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    return one_fact(held, TaskSucceeded{held.task->task_id, held.attempt->number, it.output});
  });
}

DecisionResult decide_report(const State& state, const Command& command, const FailTask& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    if (it.error.code == kPluginCrashed && crashes_of(*held.task) + 1 >= kPluginCrashesMax) {
      return failed(held, std::string(kQuarantined),
                    "The plugin's process has ended " + std::to_string(crashes_of(*held.task) + 1) +
                        " times with this task, which is not tried again; the last time: " +
                        it.error.message);
    }
    return ended(held,
                 retry_or_end(*held.run, *held.task,
                              {held.attempt->number, it.error, "", it.retry_after_ms}, command));
  });
}

DecisionResult decide_report(const State& state, const Command& command, const MissHeartbeat& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    return ended(held,
                 retry_or_end(*held.run, *held.task,
                              {held.attempt->number,
                               {"heartbeat_timed_out",
                                "Nothing was heard of the task for its heartbeat time-out", true},
                               "heartbeat",
                               0},
                              command));
  });
}

DecisionResult decide_report(const State& state, const Command& command,
                             const AcknowledgeCancel& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    return lose(held, "worker_drained", false);  // nobody asked for it: the worker is leaving
  });
}

DecisionResult decide_report(const State& state, const Command& command, const ReturnLease& it) {
  return under(state, command, it.lease, [&](const Held& held) {
    if (held.run->cancel_requested) return canceled(held);
    return lose(held, std::string(kNotBegun), false);
  });
}

}  // namespace runledger::core
