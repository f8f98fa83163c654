// What a list of runs is asked for. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/status.h"

namespace runledger::core {

inline constexpr std::size_t kPageItemsMax = 500;

struct RunFilter {
  std::vector<RunStatus> statuses;                          // empty: any
  std::string task_type;                                    // empty: any; of one of its steps
  std::string workflow;                                     // empty: any
  std::vector<std::pair<std::string, std::string>> labels;  // all of them
  std::optional<std::int64_t> created_after_us;             // at or after
  std::optional<std::int64_t> created_before_us;            // before
  std::string after_run_id;  // the cursor: older than this one; empty: from the newest
  std::size_t limit = 50;    // 1 to kPageItemsMax
};

}  // namespace runledger::core
