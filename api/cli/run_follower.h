// Follows one run by polling its events from an index, over restarts of the server.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/cli/http_client.h"

namespace runledger::cli {

struct FollowOptions {
  std::uint64_t from = 0;
  bool until_end = true;  // else: what there is now
};

// Calls `on_event` for each event, in order, once. Gives the run's status. While following, a
// server that cannot be reached is waited for; the first request must succeed. Throws Failure.
std::string follow_run(HttpClient& client, const std::string& run_id, const FollowOptions& options,
                       const std::function<void(const nlohmann::ordered_json&)>& on_event);

}  // namespace runledger::cli
