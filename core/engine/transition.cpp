#include "core/engine/transition.h"

#include <algorithm>
#include <stdexcept>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/domain/fire_schedule.h"
#include "core/domain/resume.h"
#include "core/domain/task_end.h"
#include "eventlog/record.h"

namespace runledger::core {
namespace {

// More than any command can bring about: a loop in what follows from what.
constexpr std::size_t kRoundsMax = 10'000;

void set_offset(CommandReply& reply, std::uint64_t offset) {
  std::visit(
      [&](auto& each) {
        if constexpr (requires { each.offset; }) each.offset = offset;
      },
      reply);
}

std::string task_in(const EventBody& body) {
  return std::visit(
      [](const auto& each) -> std::string {
        if constexpr (requires { each.task_id; }) {
          return each.task_id;
        } else {
          return {};
        }
      },
      body);
}

// Only these can lead to something by themselves.
bool can_be_followed(const EventBody& body) {
  return !std::holds_alternative<TaskProgressed>(body) &&
         !std::holds_alternative<TaskEmitted>(body) && !std::holds_alternative<TaskLogged>(body) &&
         !std::holds_alternative<TaskStepCompleted>(body) &&
         !std::holds_alternative<RemoteIntended>(body) &&
         !std::holds_alternative<ResourceCreated>(body) &&
         !std::holds_alternative<ResourceSucceeded>(body);
}

// A pause by hand reaches the runs below, and so does its end.
bool can_spread(const EventBody& body) {
  const auto* paused = std::get_if<RunPaused>(&body);
  if (paused != nullptr) return paused->reason != PauseReason::kFailure;
  return std::holds_alternative<RunResumed>(body) || std::holds_alternative<RunRetried>(body);
}

}  // namespace

Outcome Transition::take(const Command& command) {
  types_to_wake_.clear();
  reported_lease_ = reported_lease(command.body);
  Outcome outcome;
  if (const auto* to = std::get_if<GrantLeases>(&command.body)) {
    outcome = grant(command, *to);
  } else if (std::holds_alternative<PassTime>(command.body)) {
    outcome = pass(command);
  } else {
    outcome = take_decision(command);
  }
  wake_workers();
  return outcome;
}

Outcome Transition::take_decision(const Command& command) {
  DecisionResult result = decide(state_, command);
  if (auto* rejection = std::get_if<Rejection>(&result)) return std::move(*rejection);
  auto& decision = std::get<Decision>(result);
  decision.facts = with_loose_ends(state_, std::move(decision.facts));
  std::vector<std::string> payloads;
  if (auto rejection = too_large(decision.facts, payloads)) return *rejection;
  if (!decision.facts.empty()) set_offset(decision.reply, next_offset_);
  for (std::size_t i = 0; i < decision.facts.size(); ++i) {
    add(command, command.actor, {std::move(decision.facts[i]), std::move(payloads[i])});
  }
  DerivedIds ids(command.command_id, command.time_us);
  settle(command, ids);
  return std::move(decision.reply);
}

Outcome Transition::grant(const Command& command, const GrantLeases& to) {
  LeasesGranted granted;
  GrantLeases left = to;
  for (const std::string& lease_id : to.lease_ids) {
    if (granted.grants.size() == kGrantTasksMax) break;
    const auto run_id = next_ready_run(state_, left);
    if (!run_id) break;
    loaded(*run_id);
    auto next = grant_next(state_, left, lease_id, command.time_us);
    for (GrantLeases::TypeOffer& offer : left.types) {
      const bool limited = offer.tasks_max != GrantLeases::kAnyNumber;
      if (limited && offer.name == next->grant.task_type) --offer.tasks_max;
    }
    add_all(command, command.actor, std::move(next->facts));
    granted.grants.push_back(std::move(next->grant));
  }
  unsettled_.clear();  // nothing follows from a lease
  return CommandReply{std::move(granted)};
}

Outcome Transition::pass(const Command& command) {
  DerivedIds ids(command.command_id, command.time_us);
  fire_due_schedules(command, ids);
  for (std::size_t runs = 0; runs < kDueRunsMax && !state_.index.due.empty(); ++runs) {
    const DueRun due = *state_.index.due.begin();
    if (due.due_us > command.time_us) break;
    const RunState* run = loaded(due.run_id);
    if (run == nullptr) throw std::logic_error("run " + due.run_id + " is due, but not there");
    const std::uint64_t offset_before = next_offset_;
    add_all(command, kSystemActor, pass_time(*run, command));
    unsettled_.insert(due.run_id);
    settle(command, ids);
    // It may be due again at once, for a retry without a delay.
    if (next_offset_ == offset_before) {
      throw std::logic_error("run " + due.run_id + " was due, but nothing happened");
    }
  }
  return CommandReply{Done{}};
}

// Those that are due for longest first; the others are due still, and come next time.
void Transition::fire_due_schedules(const Command& command, DerivedIds& ids) {
  std::vector<std::pair<std::int64_t, std::string>> due;
  for (const auto& [schedule_id, schedule] : state_.schedules) {
    if (schedule.next_us == 0 || schedule.next_us > command.time_us) continue;
    due.emplace_back(schedule.next_us, schedule_id);
  }
  const auto last =
      due.begin() + static_cast<std::ptrdiff_t>(std::min(due.size(), kDueSchedulesMax));
  std::partial_sort(due.begin(), last, due.end());
  due.erase(last, due.end());
  for (const auto& [next_us, schedule_id] : due) {
    add_all(command, kSystemActor,
            fire_schedule(state_, state_.schedules.at(schedule_id), command.time_us, ids));
    settle(command, ids);
  }
}

// --- facts ---

std::optional<Rejection> Transition::too_large(const std::vector<NewFact>& facts,
                                               std::vector<std::string>& payloads) const {
  for (const NewFact& fact : facts) {
    payloads.push_back(encode_payload(fact.body));
    if (payloads.back().size() <= eventlog::kPayloadBytesMax) continue;
    return Rejection{RejectionCode::kTooLarge,
                     "Expected an event of at most " + std::to_string(eventlog::kPayloadBytesMax) +
                         " bytes, but it has " + std::to_string(payloads.back().size()),
                     {}};
  }
  return std::nullopt;
}

void Transition::add_all(const Command& command, std::string_view actor,
                         std::vector<NewFact> facts) {
  facts = with_loose_ends(state_, std::move(facts));
  for (EncodedFact& encoded : encode_within(eventlog::kPayloadBytesMax, std::move(facts))) {
    add(command, actor, std::move(encoded));
  }
}

void Transition::add(const Command& command, std::string_view actor, EncodedFact encoded) {
  NewFact& fact = encoded.fact;
  Event event;
  event.offset = next_offset_++;
  event.idx = state_.next_idx(fact.stream);
  event.time_us = command.time_us;
  event.version = version_of(fact.body);
  event.stream = fact.stream;
  event.tenant = fact.tenant;
  event.owner = fact.owner;
  event.actor = actor;
  event.command_id = command.command_id;
  const std::string lease = lease_before(fact);
  event.body = std::move(fact.body);
  apply(state_, event);
  note_stops(event, lease);
  note_room(lease);
  note_follow_ups(event);
  hooks_.on_event(event, std::move(encoded.payload));
}

// The lease that a worker holds of the task that the fact speaks of.
std::string Transition::lease_before(const NewFact& fact) const {
  const std::string task_id = task_in(fact.body);
  const RunState* run = task_id.empty() ? nullptr : state_.find_run(fact.stream);
  const TaskState* task = run == nullptr ? nullptr : run->find_task(task_id);
  return task != nullptr && task->held_by_worker() ? task->attempts.back().lease_id : "";
}

// A lease that has ended by something else than its worker's report, and those of a run that is to
// be canceled.
void Transition::note_stops(const Event& event, const std::string& lease_before) {
  const RunState* run = state_.find_run(event.stream);
  if (run == nullptr) return;
  const auto stop = [&](const TaskState& task, bool lease_ended) {
    const AttemptState& attempt = task.attempts.back();
    actions_.push_back(
        StopTask{attempt.worker_id, run->run_id, task.task_id, attempt.lease_id, lease_ended});
  };
  if (std::holds_alternative<RunCancelRequested>(event.body)) {
    for (const TaskState& task : run->tasks) {
      if (task.held_by_worker()) stop(task, false);
    }
  }
  if (lease_before.empty() || lease_before == reported_lease_) return;
  const TaskState* task = run->find_task(task_in(event.body));
  if (task != nullptr && task->held_under(lease_before) == nullptr) stop(*task, true);
}

// Where there are limits, the end of a lease makes room for tasks of others.
void Transition::note_room(const std::string& lease_before) {
  const Policy& policy = state_.policy;
  if (lease_before.empty()) return;
  if (policy.tenant_running_max == kNoLimit && policy.type_running_max.empty()) return;
  for (const auto& [type, queues] : state_.index.ready) types_to_wake_.insert(type);
}

void Transition::note_follow_ups(const Event& event) {
  if (const auto* token = std::get_if<TokenCreated>(&event.body)) {
    actions_.push_back(AdmitToken{*token});
  } else if (const auto* type = std::get_if<TaskTypeRegistered>(&event.body)) {
    actions_.push_back(OfferTaskType{*type});
    types_to_wake_.insert(type->name);
  } else if (!event.stream.starts_with("sys/")) {
    touched_.insert(event.stream);
    if (can_spread(event.body)) pauses_.insert(event.stream);
    if (can_be_followed(event.body)) unsettled_.insert(event.stream);
  }
}

// --- what follows ---

const RunState* Transition::loaded(const std::string& run_id) {
  hooks_.load(state_, run_id);
  touched_.insert(run_id);
  return state_.find_run(run_id);
}

Surroundings Transition::surroundings(const Command& command, DerivedIds& ids) {
  Surroundings around;
  around.now_us = command.time_us;
  around.ids = &ids;
  around.other_run = [this](const std::string& id) {
    return loaded(id);
  };
  around.input_fault = hooks_.input_fault;
  around.schema_fault = std::ref(schema_faults_);
  return around;
}

void Transition::settle(const Command& command, DerivedIds& ids) {
  const auto is_settled = [this] {
    return pauses_.empty() && unsettled_.empty() && keys_.empty();
  };
  if (is_settled()) return;
  CommandValues values;
  Surroundings around = surroundings(command, ids);
  around.values = &values;
  for (std::size_t round = 0; !is_settled(); ++round) {
    if (round == kRoundsMax) throw std::logic_error("what follows from a command has no end");
    if (!pauses_.empty()) {
      const std::string run_id = *pauses_.begin();
      pauses_.erase(pauses_.begin());
      add_all(command, kSystemActor, spread_pause(*loaded(run_id), around));
    } else if (!unsettled_.empty()) {
      const std::string run_id = *unsettled_.begin();
      unsettled_.erase(unsettled_.begin());
      settle_run(command, run_id, around);
    } else {
      const std::string key = *keys_.begin();
      keys_.erase(keys_.begin());
      look_at_key(key);
    }
  }
}

void Transition::settle_run(const Command& command, const std::string& run_id,
                            const Surroundings& around) {
  for (std::size_t round = 0;; ++round) {
    if (round == kRoundsMax) throw std::logic_error("run " + run_id + " never comes to rest");
    auto facts = advance(state_, *loaded(run_id), around);
    if (facts.empty()) break;
    add_all(command, kSystemActor, std::move(facts));
  }
  unsettled_.erase(run_id);
  const RunState& run = *state_.find_run(run_id);
  for (const TaskState& task : run.tasks) {
    if (task.status == TaskStatus::kReady) types_to_wake_.insert(task.type);
  }
  if (!run.ended()) return;
  if (run.concurrency) keys_.insert(key_id(run.tenant, run.concurrency->key));
  if (run.parent && loaded(run.parent->run_id) != nullptr) unsettled_.insert(run.parent->run_id);
}

// Who has waited longest for it may have its turn.
void Transition::look_at_key(const std::string& key) {
  const auto found = state_.index.keys.find(key);
  if (found == state_.index.keys.end() || found->second.queue.empty()) return;
  const std::string run_id = found->second.queue.begin()->run_id;
  const RunState* run = loaded(run_id);
  if (run == nullptr || found->second.holders.size() >= run->concurrency->limit) return;
  unsettled_.insert(run_id);
  keys_.insert(key);  // there may be room for more than one
}

void Transition::wake_workers() {
  for (const std::string& type : types_to_wake_) actions_.push_back(WakeWorkers{type});
}

}  // namespace runledger::core
