// Limits that the operator sets. They steer decisions and are no part of the fold. Plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>

namespace runledger::core {

inline constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

struct Policy {
  std::uint32_t tenant_running_max = kNoLimit;                         // leases held for one tenant
  std::map<std::string, std::uint32_t, std::less<>> type_running_max;  // and of one task type
  // Nothing has happened to a run for so long: the watchdog says so; 0: it never does. Recorded
  // with each run.
  std::uint64_t overdue_after_ms = 24ull * 3600 * 1000;
};

}  // namespace runledger::core
