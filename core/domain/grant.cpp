// The part of decide() about who gets the next lease: of the tenants that have something ready and
// are under their limit, the one for whom the least runs, then who was served longest ago; of its
// tasks the first by rank (state_index.h).
#include <algorithm>
#include <tuple>

#include "core/domain/decide.h"

namespace runledger::core {
namespace {

std::uint32_t count_of(const std::map<std::string, std::uint32_t, std::less<>>& counts,
                       const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

constexpr std::int64_t kUsPerMs = 1000;

struct Candidate {
  const GrantLeases::TypeOffer* offer = nullptr;
  const ReadyTask* ready = nullptr;
  std::uint32_t running = 0;
  std::uint64_t served_offset = 0;

  bool comes_before(const Candidate& other) const {
    if (other.ready == nullptr) return true;
    return std::tie(running, served_offset, *ready) <
           std::tie(other.running, other.served_offset, *other.ready);
  }
};

bool type_has_room(const State& state, const std::string& type) {
  const auto limit = state.policy.type_running_max.find(type);
  return limit == state.policy.type_running_max.end() ||
         count_of(state.index.type_running, type) < limit->second;
}

Candidate best(const State& state, const GrantLeases& to) {
  Candidate found;
  for (const auto& offer : to.types) {
    const auto queues = state.index.ready.find(offer.name);
    if (queues == state.index.ready.end() || offer.tasks_max == 0) continue;
    if (!type_has_room(state, offer.name)) continue;
    for (const auto& [tenant, queue] : queues->second) {
      const auto served = state.tenant_served.find(tenant);
      const Candidate candidate{&offer, &*queue.begin(),
                                count_of(state.index.tenant_running, tenant),
                                served == state.tenant_served.end() ? 0 : served->second};
      if (candidate.running >= state.policy.tenant_running_max) continue;
      if (candidate.comes_before(found)) found = candidate;
    }
  }
  return found;
}

// An attempt that waited goes on under its number.
std::uint32_t attempt_number(const TaskState& task) {
  const auto attempts = static_cast<std::uint32_t>(task.attempts.size());
  const bool goes_on = attempts > 0 && task.attempts.back().ended_us == 0;
  return goes_on ? task.attempts.back().number : attempts + 1;
}

}  // namespace

std::optional<std::string> next_ready_run(const State& state, const GrantLeases& to) {
  const Candidate first = best(state, to);
  if (first.ready == nullptr) return std::nullopt;
  return first.ready->run_id;
}

std::optional<NextGrant> grant_next(const State& state, const GrantLeases& to,
                                    const std::string& lease_id, std::int64_t now_us) {
  const Candidate first = best(state, to);
  if (first.ready == nullptr) return std::nullopt;
  const RunState& run = *state.find_run(first.ready->run_id);
  const TaskState& task = *run.find_task(first.ready->task_id);
  const StepSpec& step = run.step_of(task);
  const std::uint32_t attempt = attempt_number(task);
  NextGrant next;
  if (run.started_us == 0) next.facts.push_back(fact_of(run, RunStarted{}));
  next.facts.push_back(
      fact_of(run, TaskLeased{task.task_id, attempt, lease_id, to.worker_id, to.worker_name,
                              first.offer->plugin_version, first.offer->plugin_sha256, to.remote}));
  next.grant = {run.run_id,
                task.task_id,
                lease_id,
                attempt,
                task.type,
                task.input.value_or(step.input),
                run.plan->session,
                step.timeouts.heartbeat_ms,
                task.memos,
                "",
                0,
                std::nullopt};
  if (task.poll) {
    next.grant.poll = task.poll->name;
    next.grant.waited_ms = static_cast<std::uint64_t>(
        std::max<std::int64_t>(now_us - task.poll->since_us, 0) / kUsPerMs);
  }
  const RemoteCall* call = unanswered_call(task.remote_calls);
  if (call != nullptr) {
    next.grant.remote = LeasesGranted::Grant::Remote{call->provider, call->idempotency_key};
  }
  return next;
}

}  // namespace runledger::core
