#include "core/domain/state.h"

#include <algorithm>

namespace runledger::core {

const RunState* State::find_run(std::string_view run_id) const {
  const auto found = runs.find(std::string(run_id));
  return found == runs.end() ? nullptr : &found->second;
}

std::uint64_t State::next_idx(std::string_view stream) const {
  if (stream.starts_with("sys/")) {
    const auto found = system_next_idx.find(stream);
    return found == system_next_idx.end() ? 0 : found->second;
  }
  const RunState* run = find_run(stream);
  return run == nullptr ? 0 : run->next_idx;
}

std::int64_t next_due_us(const State& state) {
  std::int64_t due = state.index.due.empty() ? 0 : state.index.due.begin()->due_us;
  for (const auto& [schedule_id, schedule] : state.schedules) {
    if (schedule.next_us == 0) continue;
    due = due == 0 ? schedule.next_us : std::min(due, schedule.next_us);
  }
  return due;
}

std::string idempotency_id(std::string_view tenant, std::string_view user, std::string_view key) {
  std::string id(tenant);
  id.append(1, '/').append(user).append(1, '/').append(key);
  return id;
}

std::string workflow_id(std::string_view tenant, std::string_view name) {
  return std::string(tenant).append(1, '/').append(name);
}

}  // namespace runledger::core
