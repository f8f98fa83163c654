#include "tests/simulation/watcher.h"

#include <cctype>

#include "core/domain/fire_schedule.h"
#include "tests/simulation/violation.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

template <typename T, typename... Each>
constexpr bool is_one_of = (std::is_same_v<T, Each> || ...);

void count_down(std::map<std::string, std::uint32_t, std::less<>>& counts,
                const std::string& name) {
  const auto found = counts.find(name);
  if (--found->second == 0) counts.erase(found);
}

// As the schemas of the simulation ask for it.
bool has_number(const std::string& input) {
  const auto at = input.find(R"("n":)");
  return at != std::string::npos && std::isdigit(static_cast<unsigned char>(input[at + 4])) != 0;
}

}  // namespace

void Watcher::see(const SeenEvent& seen) {
  const Event& event = seen.event;
  require(event.offset == next_offset_,
          "offset " + std::to_string(event.offset) + " instead of " + std::to_string(next_offset_));
  ++next_offset_;
  require(event.idx == next_idx_[event.stream]++,
          "the indices of " + event.stream + " are not dense at " + std::to_string(event.offset));
  require(event.time_us >= time_us_, "time goes back");
  time_us_ = event.time_us;
  require(!ended_.contains(event.stream),
          std::string(type_of(event.body)) + " after the end of " + event.stream);
  check_actor(event);
  note_decision(seen);
  see_body(seen);
}

void Watcher::see_body(const SeenEvent& seen) {
  const Event& event = seen.event;
  std::visit(
      [&]<typename T>(const T& body) {
        if constexpr (std::is_same_v<T, RunCreated>) {
          create(body);
        } else if constexpr (is_one_of<T, RunPaused, RunResumed, RunRetried>) {
          pause(seen);
        } else if constexpr (std::is_same_v<T, RunOverdue>) {
          require(body.reason != "timer" && body.reason != "retry" && body.reason != "start_time" &&
                      body.reason != "sub_workflow",
                  "the watchdog speaks of what comes at a known time: " + body.reason);
        } else if constexpr (std::is_same_v<T, TaskReused>) {
          reuse(event, body);
        } else if constexpr (std::is_same_v<T, ScheduleFired>) {
          fire(event, body);
        } else if constexpr (std::is_same_v<T, RunAdmitted>) {
          if (!seen.concurrency) return;
          const std::string key = key_id(event.tenant, seen.concurrency->key);
          key_holders_[key].insert(event.stream);
          key_of_run_[event.stream] = key;
          require(key_holders_[key].size() <= seen.concurrency->limit,
                  "more runs than its limit hold the key " + key);
        } else if constexpr (is_one_of<T, RunSucceeded, RunFailed, RunCanceled>) {
          end_run(event);
        } else if constexpr (std::is_same_v<T, TaskLeased>) {
          lease(seen, body);
        } else if constexpr (std::is_same_v<T, TaskWaiting>) {
          body.lease_kept ? park(body) : release(seen, body.task_id);
        } else if constexpr (std::is_same_v<T, TaskStepCompleted>) {
          go_on(body.task_id);
        } else if constexpr (is_one_of<T, TaskReady, TaskReviewRequested, TaskLeaseLost,
                                       RemoteUnknown, TaskRetryScheduled, TaskSucceeded, TaskFailed,
                                       TaskTimedOut, TaskCanceled>) {
          release(seen, body.task_id);
          if constexpr (std::is_same_v<T, TaskSucceeded>) ended_tasks_[body.task_id] = body.output;
          if constexpr (is_one_of<T, TaskFailed, TaskTimedOut>) ended_tasks_[body.task_id] = {};
        } else if constexpr (is_one_of<T, TaskSkipped, TaskRejected>) {
          ended_tasks_[body.task_id] = {};
        }
      },
      event.body);
}

void Watcher::create(const RunCreated& created) {
  active_.insert(created.run_id);
  runs_.push_back(created.run_id);
  if (created.parent) {
    parents_[created.run_id] = created.parent->run_id;
    require(!created.plan->spec.input_schema || has_number(created.plan->input.text),
            "run " + created.run_id + " was started with an input that it does not take");
  }
  if (created.retry_of.empty()) return;
  require(ended_.contains(created.retry_of), "a run that has not ended is repeated");
  repeats_[created.run_id] = created.retry_of;
}

void Watcher::reuse(const Event& event, const TaskReused& reused) {
  require(repeats_.contains(event.stream), "a run that repeats none has a task of another");
  const auto first = ended_tasks_.find(reused.from_task_id);
  require(first != ended_tasks_.end() && first->second == reused.output,
          "task " + reused.task_id + " has another output than the one it stands for");
  ended_tasks_[reused.task_id] = reused.output;
}

void Watcher::pause(const SeenEvent& seen) {
  const auto* paused = std::get_if<RunPaused>(&seen.event.body);
  if (paused == nullptr) {
    paused_.erase(seen.event.stream);
  } else {
    paused_[seen.event.stream] = paused->reason;
  }
}

// What people do they do themselves; all else is the system's or a worker's.
void Watcher::check_actor(const Event& event) const {
  const bool person = event.actor.starts_with("user:");
  const auto* paused = std::get_if<RunPaused>(&event.body);
  const auto* cancel = std::get_if<RunCancelRequested>(&event.body);
  const bool by_itself = (paused != nullptr && paused->reason != PauseReason::kManual) ||
                         (cancel != nullptr && !cancel->reason.empty()) ||
                         std::holds_alternative<RunSucceeded>(event.body) ||
                         std::holds_alternative<RunFailed>(event.body) ||
                         std::holds_alternative<RunCanceled>(event.body);
  require(!by_itself || event.actor == "system",
          std::string(type_of(event.body)) + " is recorded as " + event.actor + "'s");
  // A worker whose poll has found something may give its task back.
  require(!std::holds_alternative<TaskReady>(event.body) || !person,
          "a task is recorded as made ready by " + event.actor);
  const bool decided = std::holds_alternative<TaskApproved>(event.body) ||
                       std::holds_alternative<TaskReviewed>(event.body) ||
                       std::holds_alternative<RemoteResolved>(event.body) ||
                       (cancel != nullptr && cancel->reason.empty());
  require(!decided || person, "a decision is recorded as " + event.actor + "'s");
}

void Watcher::note_decision(const SeenEvent& seen) {
  const Event& event = seen.event;
  const bool on_run = std::holds_alternative<RunPaused>(event.body) ||
                      std::holds_alternative<RunResumed>(event.body) ||
                      std::holds_alternative<RunRetried>(event.body) ||
                      std::holds_alternative<RunCancelRequested>(event.body);
  if (!on_run || !event.actor.starts_with("user:")) return;
  decisions_[event.stream] = {event.actor, std::string(type_of(event.body)), event.time_us,
                              event.offset, seen.version};
}

void Watcher::compare_decision(const RunState& run) const {
  const auto found = decisions_.find(run.run_id);
  const auto expected = found == decisions_.end() ? std::nullopt : std::optional(found->second);
  require(run.decided == expected, "who decided last on run " + run.run_id + " differs");
}

void Watcher::fire(const Event& event, const ScheduleFired& fired) {
  std::uint32_t& late = late_firings_[fired.schedule_id];
  late = event.time_us - fired.due_us > kScheduleLateUs && !fired.run_id.empty() ? late + 1 : 0;
  require(late <= kCatchUpMax, "schedule " + fired.schedule_id + " catches up for ever");
}

void Watcher::lease(const SeenEvent& seen, const TaskLeased& leased) {
  const std::string& tenant = seen.event.tenant;
  for (std::string run = seen.event.stream;;) {
    const auto paused = paused_.find(run);
    require(paused == paused_.end() ||
                (run != seen.event.stream && paused->second == PauseReason::kFailure),
            "a task of run " + seen.event.stream + " is leased, but run " + run + " is paused");
    const auto parent = parents_.find(run);
    if (parent == parents_.end()) break;
    run = parent->second;
  }
  require(!held_.contains(leased.task_id), "task " + leased.task_id + " is leased twice");
  require(lease_ids_.insert(leased.lease_id).second, "lease " + leased.lease_id + " again");
  held_[leased.task_id] = {
      seen.event.stream, leased.task_id, leased.lease_id, tenant, seen.task_type,
      leased.remote,     false};
  ++type_running_[seen.task_type];
  ++tenant_running_[tenant];
}

void Watcher::release(const SeenEvent& seen, const std::string& task_id) {
  const auto found = held_.find(task_id);
  if (found == held_.end()) return;
  if (found->second.lease_id != seen.reported_lease) cut_short_.push_back(found->second.lease_id);
  if (!found->second.parked) {
    count_down(type_running_, found->second.task_type);
    count_down(tenant_running_, found->second.tenant);
  }
  held_.erase(found);
}

void Watcher::park(const TaskWaiting& waiting) {
  const auto found = held_.find(waiting.task_id);
  require(found != held_.end(), "task " + waiting.task_id + " keeps a lease that nobody has");
  require(!found->second.parked, "task " + waiting.task_id + " says again that there is no news");
  found->second.parked = true;
  count_down(type_running_, found->second.task_type);
  count_down(tenant_running_, found->second.tenant);
}

void Watcher::go_on(const std::string& task_id) {
  const auto found = held_.find(task_id);
  if (found == held_.end() || !found->second.parked) return;
  found->second.parked = false;
  ++type_running_[found->second.task_type];
  ++tenant_running_[found->second.tenant];
}

void Watcher::end_run(const Event& event) {
  for (const auto& [task_id, lease] : held_) {
    require(lease.run_id != event.stream,
            "run " + event.stream + " ends while a worker has task " + task_id);
  }
  active_.erase(event.stream);
  ended_.insert(event.stream);
  const auto key = key_of_run_.find(event.stream);
  if (key == key_of_run_.end()) return;
  key_holders_[key->second].erase(event.stream);
  if (key_holders_[key->second].empty()) key_holders_.erase(key->second);
}

void Watcher::compare(const State& state) const {
  require(state.index.type_running == type_running_, "the leases held by type differ");
  require(state.index.tenant_running == tenant_running_, "the leases held by tenant differ");
  require(state.index.runs.size() == active_.size(), "the active runs differ");
}

void Watcher::compare_keys(const State& state) const {
  std::map<std::string, std::set<std::string>> holders;
  for (const auto& [key, of_key] : state.index.keys) {
    for (const KeyClaim& claim : of_key.holders) holders[key].insert(claim.run_id);
  }
  require(holders == key_holders_, "the holders of concurrency keys differ");
}

}  // namespace runledger::simulation
