#include "api/cli/run_follower.h"

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kReconnectFirst{100};
constexpr std::chrono::milliseconds kReconnectMost{5000};

bool has_ended(const std::string& status) {
  return status == "succeeded" || status == "failed" || status == "canceled";
}

// One page; waits out a server that is away, once it has been there.
Json next_page(HttpClient& client, const std::string& path, bool seen_before) {
  auto pause = kReconnectFirst;
  for (;;) {
    try {
      HttpAnswer answer = client.request("GET", path);
      if (answer.status == 200) return Json::parse(answer.body);
      if (answer.status < 500 || !seen_before) throw failure_of(answer);
    } catch (const Unreachable& away) {
      if (!seen_before) throw Failure(kExitUnavailable, away.what());
      std::cerr << "runledger: " << away.what() << "; trying again\n";
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kReconnectMost);
  }
}

}  // namespace

std::string follow_run(HttpClient& client, const std::string& run_id, const FollowOptions& options,
                       const std::function<void(const Json&)>& on_event) {
  std::uint64_t from = options.from;
  bool seen_before = false;
  for (;;) {
    std::string path =
        "/v1/runs/" + percent_encoded(run_id) + "/events?from=" + std::to_string(from);
    if (options.until_end && seen_before) path += "&wait=20";
    const Json page = next_page(client, path, seen_before);
    seen_before = true;
    for (const Json& event : page.at("events")) on_event(event);
    from = page.at("next_offset").get<std::uint64_t>();
    const auto status = page.at("status").get<std::string>();
    const bool caught_up = !page.at("has_more").get<bool>();
    if (caught_up && (!options.until_end || has_ended(status))) return status;
  }
}

}  // namespace runledger::cli
