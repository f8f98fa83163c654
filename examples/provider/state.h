// All that the provider knows, and one call on it. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "examples/provider/faults.h"
#include "examples/provider/jobs.h"
#include "examples/provider/message.h"

namespace runledger::provider {

inline constexpr std::size_t kCountedKeysMax = 10'000;

struct Settings {
  std::string base_url;  // "http://127.0.0.1:40001": what the URLs of results begin with
  std::string dead_url;  // of a host that refuses connections
  std::string token;     // the only bearer token that is taken; empty: any
  std::int64_t job_ms = 300;
};

struct Counters {
  std::array<std::uint64_t, kEndpoints> requests{};  // all that came, refused ones too
  std::map<std::string, std::uint64_t> submissions;  // carried out, by key; "" for those without
  std::uint64_t polls = 0;
  std::uint64_t downloads = 0;
  std::uint64_t cancels = 0;  // of jobs that were running

  void submitted(const std::string& key) {
    const bool room = submissions.size() < kCountedKeysMax || submissions.contains(key);
    ++submissions[room ? key : "(others)"];
  }
};

struct State {
  Settings settings;
  std::string picture;              // PNG
  std::optional<std::string> clip;  // MP4; nullopt: not offered
  Jobs jobs;
  Faults faults;
  Counters counters;
};

struct Call {
  const Request& request;
  std::string subject;  // the name or id in the path that the call is about
  std::string workflow;
  Fault fault;
  std::int64_t now_ms = 0;
};

// Where the result of a job can be fetched, with the faults of the call that asks.
std::string file_url(const State& state, const Call& call, bool video);
// A job that is ordered by this call, with its faults.
Order order_of(const State& state, const Call& call, const std::string& subject);

}  // namespace runledger::provider
