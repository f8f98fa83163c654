#include "core/domain/decide_reports.h"

#include <algorithm>

namespace runledger::core {
namespace {

using Result = std::variant<Decision, Rejection>;

// The run, task and attempt that a lease stands for, while it holds.
struct Held {
  const RunState* run = nullptr;
  const TaskState* task = nullptr;
  const AttemptState* attempt = nullptr;
};

Held held_under(const State& state, const LeaseRef& lease) {
  Held held;
  held.run = state.find_run(lease.run_id);
  if (held.run == nullptr || held.run->ended()) return {};
  held.task = held.run->find_task(lease.task_id);
  if (held.task == nullptr) return {};
  held.attempt = held.task->running_under(lease.lease_id);
  return held.attempt == nullptr ? Held{} : held;
}

Rejection fenced(const LeaseRef& lease) {
  return {RejectionCode::kFenced,
          "Lease " + lease.lease_id + " of task " + lease.task_id + " does not hold any more",
          {}};
}

// A run that is being canceled ends as canceled, whatever its task came to.
Decision canceled(const Held& held) {
  Decision decision;
  decision.facts.push_back(
      fact_of(*held.run, TaskCanceled{held.task->task_id, held.attempt->number}));
  const bool others_run =
      std::any_of(held.run->tasks.begin(), held.run->tasks.end(), [&](const TaskState& task) {
        return &task != held.task && task.status == TaskStatus::kRunning;
      });
  if (!others_run) decision.facts.push_back(fact_of(*held.run, RunCanceled{}));
  return decision;
}

void add_failure(const Held& held, const Error& error, Decision& decision) {
  decision.facts.push_back(
      fact_of(*held.run, TaskFailed{held.task->task_id, held.attempt->number, error}));
  decision.facts.push_back(fact_of(*held.run, RunFailed{error}));
}

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

Decision lose(const Held& held, const std::string& reason, bool charged) {
  Decision decision;
  if (held.run->status == RunStatus::kCanceling) {
    decision = canceled(held);
    decision.facts.insert(
        decision.facts.begin(),
        fact_of(*held.run, TaskLeaseLost{held.task->task_id, held.attempt->number,
                                         held.attempt->lease_id, reason, charged}));
    return decision;
  }
  decision.facts.push_back(
      fact_of(*held.run, TaskLeaseLost{held.task->task_id, held.attempt->number,
                                       held.attempt->lease_id, reason, charged}));
  if (const auto error = too_many_losses(*held.task, reason, charged)) {
    add_failure(held, *error, decision);
    return decision;
  }
  decision.facts.push_back(fact_of(*held.run, TaskReady{held.task->task_id}));
  decision.actions.push_back(WakeWorkers{held.task->type});
  return decision;
}

Result one_fact(const RunState& run, EventBody body) {
  Decision decision;
  decision.facts.push_back(fact_of(run, std::move(body)));
  return decision;
}

using ReadyIterator = std::set<ReadyTask>::const_iterator;
struct ReadyQueue {
  const GrantLeases::TypeOffer* offer;
  ReadyIterator next;
  ReadyIterator end;
};

std::vector<ReadyQueue> queues_of(const State& state, const GrantLeases& grant) {
  std::vector<ReadyQueue> queues;
  for (const auto& offer : grant.types) {
    const auto queue = state.ready.find(offer.name);
    if (queue != state.ready.end()) {
      queues.push_back({&offer, queue->second.begin(), queue->second.end()});
    }
  }
  return queues;
}

// The queue whose first task comes first over all; nullptr when all are empty.
ReadyQueue* first_of(std::vector<ReadyQueue>& queues) {
  ReadyQueue* first = nullptr;
  for (ReadyQueue& queue : queues) {
    if (queue.next == queue.end) continue;
    if (first == nullptr || *queue.next < *first->next) first = &queue;
  }
  return first;
}

bool starts_with(const Decision& decision, const RunState& run) {
  return std::any_of(decision.facts.begin(), decision.facts.end(), [&](const NewFact& fact) {
    return fact.stream == run.run_id && std::holds_alternative<RunStarted>(fact.body);
  });
}

}  // namespace

NewFact fact_of(const RunState& run, EventBody body) {
  return {run.run_id, run.tenant, run.owner, std::move(body)};
}

Result grant_leases(const State& state, const GrantLeases& grant) {
  Decision decision;
  LeasesGranted granted;
  auto queues = queues_of(state, grant);
  for (const std::string& lease_id : grant.lease_ids) {
    if (granted.grants.size() == kGrantTasksMax) break;
    ReadyQueue* queue = first_of(queues);
    if (queue == nullptr) break;
    const ReadyTask& ready = *queue->next++;
    const RunState& run = *state.find_run(ready.run_id);
    const TaskState& task = *run.find_task(ready.task_id);
    const auto attempt = static_cast<std::uint32_t>(task.attempts.size()) + 1;
    if (run.started_us == 0 && !starts_with(decision, run)) {
      decision.facts.push_back(fact_of(run, RunStarted{}));
    }
    decision.facts.push_back(
        fact_of(run, TaskLeased{task.task_id, attempt, lease_id, grant.worker_id, grant.worker_name,
                                queue->offer->plugin_version, queue->offer->plugin_sha256}));
    granted.grants.push_back({run.run_id, task.task_id, lease_id, attempt, task.type});
  }
  decision.reply = std::move(granted);
  return decision;
}

Result decide_report(const State& state, const LoseLease& lost) {
  const LeaseRef lease{lost.run_id, lost.task_id, lost.lease_id};
  const Held held = held_under(state, lease);
  if (held.run == nullptr) return fenced(lease);
  return lose(held, lost.reason, lost.charged);
}

Result decide_report(const State& state, const RecordProgress& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  const double percent = std::clamp(report.percent, 0.0, 100.0);
  return one_fact(
      *held.run, TaskProgressed{held.task->task_id, held.attempt->number, percent, report.message});
}

Result decide_report(const State& state, const RecordEmitted& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  return one_fact(*held.run, TaskEmitted{held.task->task_id, held.attempt->number,
                                         report.event_type, report.data});
}

Result decide_report(const State& state, const RecordLog& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  return one_fact(*held.run,
                  TaskLogged{held.task->task_id, held.attempt->number, report.level, report.text});
}

Result decide_report(const State& state, const StoreResource& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  Decision decision;
  // An attempt that was lost may have stored the same thing already.
  for (const ResourceState& known : held.run->resources) {
    if (known.task_id == held.task->task_id && known.name == report.name &&
        known.sha256 == report.sha256) {
      decision.reply = ResourceStored{known.resource_id};
      return decision;
    }
  }
  if (held.run->resources.size() >= kResourcesMax) {
    add_failure(held,
                {"too_many_resources",
                 "A run has at most " + std::to_string(kResourcesMax) + " resources", false},
                decision);
    return decision;
  }
  decision.reply = ResourceStored{report.resource_id};
  decision.facts.push_back(fact_of(
      *held.run,
      ResourceCreated{report.resource_id, held.task->task_id, report.name, report.media_type}));
  decision.facts.push_back(
      fact_of(*held.run, ResourceSucceeded{report.resource_id, report.sha256, report.size}));
  return decision;
}

Result decide_report(const State& state, const CompleteTask& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  if (held.run->status == RunStatus::kCanceling) return canceled(held);
  Decision decision;
  decision.facts.push_back(
      fact_of(*held.run, TaskSucceeded{held.task->task_id, held.attempt->number, report.output}));
  const bool all_done =
      std::all_of(held.run->tasks.begin(), held.run->tasks.end(), [&](const TaskState& task) {
        return &task == held.task || task.status == TaskStatus::kSucceeded;
      });
  if (all_done) decision.facts.push_back(fact_of(*held.run, RunSucceeded{}));
  return decision;
}

Result decide_report(const State& state, const FailTask& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  if (held.run->status == RunStatus::kCanceling) return canceled(held);
  Decision decision;
  add_failure(held, report.error, decision);
  return decision;
}

Result decide_report(const State& state, const AcknowledgeCancel& report) {
  const Held held = held_under(state, report.lease);
  if (held.run == nullptr) return fenced(report.lease);
  if (held.run->status == RunStatus::kCanceling) return canceled(held);
  return lose(held, "worker_drained", false);  // nobody asked for it: the worker is leaving
}

}  // namespace runledger::core
