#include "tests/simulation/machine.h"

#include <algorithm>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/domain/waits.h"
#include "core/engine/recovery.h"
#include "core/engine/row_fold.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"
#include "tests/simulation/random_workflow.h"
#include "tests/simulation/violation.h"

namespace runledger::simulation {

using namespace runledger::core;

struct Machine::Group {
  std::vector<eventlog::StreamAppend> items;
  std::vector<SeenEvent> events;
};

namespace {

std::map<std::string, std::string> rows_of(const eventlog::Storage& storage) {
  std::map<std::string, std::string> all;
  storage.rows().scan("", "", [&](std::string_view key, std::string_view value) {
    all.emplace_hint(all.end(), key, value);
    return true;
  });
  return all;
}

std::string first_difference(const std::map<std::string, std::string>& a,
                             const std::map<std::string, std::string>& b) {
  for (const auto& [key, value] : a) {
    const auto other = b.find(key);
    if (other == b.end()) return key + " is missing";
    if (other->second != value) return key + ": " + value + " and " + other->second;
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) return key + " is there as well";
  }
  return "none";
}

}  // namespace

GrantLeases offer_of_all_types() {
  GrantLeases offer{"wrk_1", "w1", false, {}, {}};
  for (const char* type : kTaskTypes) offer.types.push_back({type, "1.0.0", "sha"});
  return offer;
}

Machine::Machine(MachineSettings settings) : settings_(std::move(settings)) {
  state_.policy = settings_.policy;
}

std::vector<Outcome> Machine::take(std::vector<Command> commands) {
  Group group;
  std::string lease;
  const TransitionHooks hooks{
      [this](State& state, const std::string& id) { load_run_row(state, storage_->rows(), id); },
      [&](const Event& event, std::string payload) {
        add_event(event, std::move(payload), lease, group);
      },
      [](const std::string&, const JsonText&) {
        return std::nullopt;
      }};
  Transition transition(state_, hooks, storage_->log().head());
  std::vector<Outcome> outcomes;
  for (const Command& command : commands) outcomes.push_back(take_one(command, transition, lease));
  commit(group);
  state_.idempotency.clear();
  take_actions(transition.take_actions());
  watcher_.compare(state_);
  for (const std::string& run_id : transition.touched()) {
    if (const RunState* run = state_.find_run(run_id)) check_run(*run);
  }
  evict(transition.touched());
  return outcomes;
}

Outcome Machine::take_one(const Command& command, Transition& transition, std::string& lease) {
  lease = reported_lease(command.body);
  load_for(state_, storage_->rows(), command);
  const auto before = transition.next_offset();
  Outcome outcome = transition.take(command);
  require(!std::holds_alternative<Rejection>(outcome) || transition.next_offset() == before,
          "a refused command has changed something");
  return outcome;
}

void Machine::add_event(const Event& event, std::string payload, const std::string& lease,
                        Group& group) {
  projection_.note(state_, event);
  if (group.items.empty() || group.items.back().stream != event.stream) {
    group.items.push_back({event.stream, event.idx, {}});
  }
  group.items.back().events.push_back({event.time_us, event.tenant, event.owner,
                                       std::string(type_of(event.body)), event.version, event.actor,
                                       event.command_id, std::move(payload)});
  SeenEvent& seen = group.events.emplace_back();
  seen.event = event;
  seen.reported_lease = lease;
  const RunState* run = state_.find_run(event.stream);
  if (run != nullptr) seen.version = run->version;
  if (const auto* leased = std::get_if<TaskLeased>(&event.body)) {
    seen.task_type = run->find_task(leased->task_id)->type;
  } else if (std::holds_alternative<RunAdmitted>(event.body)) {
    seen.concurrency = run->concurrency;
  }
}

void Machine::commit(Group& group) {
  if (group.items.empty()) return;
  for (const auto& result : storage_->commit(group.items, projection_.take_rows(state_))) {
    require(result.status == eventlog::AppendStatus::kAppended, "the log has refused an event");
  }
  for (const SeenEvent& seen : group.events) {
    watcher_.see(seen);
    journal_.see(seen.event);
  }
}

void Machine::take_actions(std::vector<Action> actions) {
  std::set<std::string> stopped;
  for (Action& action : actions) {
    if (std::holds_alternative<WakeWorkers>(action)) workers_asleep_ = false;
    auto* stop = std::get_if<StopTask>(&action);
    if (stop == nullptr) continue;
    stopped.insert(stop->lease_id);
    stops_.push_back(std::move(*stop));
  }
  for (const std::string& lease_id : watcher_.take_cut_short()) {
    require(stopped.contains(lease_id), "nobody has told the worker that " + lease_id + " ended");
  }
  if (workers_asleep_) {
    require(!next_ready_run(state_, offer_of_all_types()),
            "a task can be leased, but nobody has woken the workers");
  }
}

void Machine::evict(const std::set<std::string>& touched) {
  if (state_.runs.size() > settings_.runs_in_memory_max) return state_.runs.clear();
  for (const std::string& run_id : touched) {
    const RunState* run = state_.find_run(run_id);
    if (run != nullptr && run->ended()) evict_run(state_, run_id);
  }
}

void Machine::take_and_crash(const std::vector<Command>& commands) {
  std::string lease;
  const TransitionHooks hooks{
      [this](State& state, const std::string& id) { load_run_row(state, storage_->rows(), id); },
      [](const Event&, const std::string&) {},
      [](const std::string&, const JsonText&) {
        return std::nullopt;
      }};
  Transition transition(state_, hooks, storage_->log().head());
  for (const Command& command : commands) take_one(command, transition, lease);
  state_ = recover(*storage_, settings_.runs_in_memory_max);
  state_.policy = settings_.policy;
  projection_ = {};
  workers_asleep_ = false;
  watcher_.compare(state_);
}

void Machine::restart() {
  State again = recover(*storage_, settings_.runs_in_memory_max);
  again.policy = settings_.policy;
  compare_with(again);
  state_ = std::move(again);
  workers_asleep_ = false;
}

void Machine::compare_with(const State& again) const {
  require(state_.index == again.index, "the index is another after a restart");
  require(state_.tenant_served == again.tenant_served, "who was served is another after a restart");
  require(state_.event_versions == again.event_versions, "versions differ after a restart");
  require(state_.system_next_idx == again.system_next_idx, "streams differ after a restart");
  for (const auto& [run_id, run] : state_.runs) {
    State stored;
    load_run_row(stored, storage_->rows(), run_id);
    require(stored.find_run(run_id) != nullptr && run == *stored.find_run(run_id),
            "run " + run_id + " is another after a restart");
  }
  require(state_.workflows.size() == again.workflows.size(), "workflows differ after a restart");
  for (const auto& [id, workflow] : state_.workflows) {
    const auto found = again.workflows.find(id);
    require(found != again.workflows.end() && found->second.version == workflow.version &&
                found->second.archived == workflow.archived &&
                *found->second.spec == *workflow.spec,
            "workflow " + id + " is another after a restart");
  }
  require(state_.schedules.size() == again.schedules.size(), "schedules differ after a restart");
  for (const auto& [id, schedule] : state_.schedules) {
    const auto found = again.schedules.find(id);
    require(found != again.schedules.end() &&
                encode_schedule_row(found->second) == encode_schedule_row(schedule),
            "schedule " + id + " is another after a restart");
  }
}

void Machine::check_all() {
  restart();
  watcher_.compare_keys(state_);
  const auto stored = rows_of(*storage_);
  const auto folded = fold_rows(storage_->log());
  if (stored != folded) {
    throw Violation("the rows are not the fold of the log: " + first_difference(stored, folded));
  }
  check_lists();
}

void Machine::check_lists() const {
  std::size_t by_status = 0;
  storage_->rows().scan(row_keys::kByStatus, "", [&](std::string_view, std::string_view) {
    ++by_status;
    return true;
  });
  require(by_status == watcher_.runs().size(), "not every run is in one list by status");
  for (const std::string& run_id : watcher_.runs()) {
    State stored;
    load_run_row(stored, storage_->rows(), run_id);
    const RunState& run = *stored.find_run(run_id);
    require(run.ended() == watcher_.has_ended(run_id), "run " + run_id + " has ended or not");
    require(
        storage_->rows()
            .get(row_keys::of_tenant(row_keys::kByStatus, run.tenant, to_text(run.status)) + run_id)
            .has_value(),
        "run " + run_id + " is not in the list of its status");
    check_run(run);
  }
}

const RunState* Machine::look(const std::string& run_id) {
  if (const RunState* run = state_.find_run(run_id)) return run;
  State stored;
  load_run_row(stored, storage_->rows(), run_id);
  if (stored.find_run(run_id) == nullptr) return nullptr;
  looked_at_ = *stored.find_run(run_id);
  return &*looked_at_;
}

void Machine::check_run(const RunState& run) const {
  std::set<std::pair<std::uint32_t, std::uint32_t>> items;
  for (const TaskState& task : run.tasks) {
    const std::string name = "task " + task.task_id + " of run " + run.run_id;
    if (task.item_index) {
      require(items.emplace(task.step_number, *task.item_index).second, name + " is there twice");
    }
    require(task.attempts.size() <= kAttemptsMax, name + " has been begun too often");
    std::uint32_t last = 0;
    for (const AttemptState& attempt : task.attempts) {
      require(attempt.number == ++last, name + ": attempts are not numbered in their order");
      const bool open = attempt.ended_us == 0;
      require(!open || (&attempt == &task.attempts.back() && !is_ended(task.status)),
              name + " has an attempt that has not ended");
    }
    require(!run.ended() || is_ended(task.status), name + " goes on after the end of its run");
    require((task.status == TaskStatus::kReviewing) <= task.question.has_value(),
            name + " asks nothing");
  }
  for (const ResourceState& resource : run.resources) {
    const TaskState* task = run.find_task(resource.task_id);
    require(!resource.open() || (task != nullptr && !is_ended(task->status)),
            "resource " + resource.resource_id + " stays open after the end of its task");
  }
  watcher_.compare_decision(run);
  if (run.ended()) return;
  require(run.status == status_of(run), "run " + run.run_id + " has another status");
  check_waits(run);
}

void Machine::check_waits(const RunState& run) const {
  bool watched = false;
  for (const WaitReason& reason : waits_of(run)) {
    require(!reason.movers.empty(), "nobody can move run " + run.run_id);
    if (reason.kind == WaitReasonKind::kSubWorkflow) {
      require(watcher_.active().contains(reason.child_run_id),
              "run " + run.run_id + " waits for one that has ended");
      continue;
    }
    watched = watched || !reason.has_deadline;
    const bool unwatched = run.overdue_after_ms == 0 && !reason.has_deadline;
    require(unwatched || reason.until_us > 0, "run " + run.run_id + " waits without an end");
  }
  require((run.overdue_us != 0) == (watched && run.overdue_after_ms != 0),
          "the watchdog looks at run " + run.run_id + " or not");
}

}  // namespace runledger::simulation
