#include "tests/simulation/watcher.h"

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
  see_body(seen);
}

void Watcher::see_body(const SeenEvent& seen) {
  const Event& event = seen.event;
  std::visit(
      [&]<typename T>(const T& body) {
        if constexpr (std::is_same_v<T, RunCreated>) {
          active_.insert(body.run_id);
          runs_.push_back(body.run_id);
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
                                       TaskRetryScheduled, TaskSucceeded, TaskFailed, TaskTimedOut,
                                       TaskCanceled>) {
          release(seen, body.task_id);
        }
      },
      event.body);
}

void Watcher::lease(const SeenEvent& seen, const TaskLeased& leased) {
  const std::string& tenant = seen.event.tenant;
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
    if (!of_key.holders.empty()) holders[key] = of_key.holders;
  }
  require(holders == key_holders_, "the holders of concurrency keys differ");
}

}  // namespace runledger::simulation
