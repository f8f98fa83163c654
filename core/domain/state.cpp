#include "core/domain/state.h"

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

std::string idempotency_id(std::string_view tenant, std::string_view user, std::string_view key) {
  std::string id(tenant);
  id.append(1, '/').append(user).append(1, '/').append(key);
  return id;
}

}  // namespace runledger::core
