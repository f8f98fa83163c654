// The switches that make the provider misbehave: which there are, and which are on. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::provider {

inline constexpr std::size_t kFaultsMax = 64;  // that are on at a time
inline constexpr std::int64_t kFaultRequestsMax = 1'000'000;
inline constexpr std::int64_t kFaultMsMax = 600'000;

enum class Endpoint {
  kRun,
  kFind,
  kHistory,
  kCancel,
  kFile,
  kImages,
  kVideos,
  kVideo,
  kContent,
  kChat,
};
inline constexpr std::size_t kEndpoints = 10;

std::string_view name_of(Endpoint endpoint);
std::optional<Endpoint> endpoint_of(std::string_view name);

enum class FaultKind {
  kNone,
  kDelay,
  kStatus,
  kSilence,
  kDrop,
  kTrickle,
  kCut,
  kWrongLength,
  kWrongType,
  kBadJson,
  kNoUrl,
  kUnknownStatus,
  kUnknownId,
  kRedirectLoop,
  kRedirectPrivate,
  kGzipBomb,
  kEndless,
  kDeadHost,
  kEchoCredential,
  kFail,
  kJobMs,
};

struct Fault {
  FaultKind kind = FaultKind::kNone;
  std::int64_t ms = 1000;     // delay, trickle, job_ms
  std::int64_t status = 503;  // status
  std::int64_t retry_after_s = 1;
  bool carried_out = false;  // status: the request has been done nevertheless
  std::int64_t bytes = 10;   // wrong_length: what Content-Length says too much; may be negative
  std::string message = "The model ran out of memory";  // fail

  bool is(FaultKind other) const { return kind == other; }
};

struct FaultRule {
  FaultKind kind;
  std::string_view name;
  std::string_view parameters;  // names, each followed by a space
  std::string_view endpoints;   // names, each followed by a space; empty: all
};

// nullptr: there is none of that name.
const FaultRule* fault_rule(std::string_view name);
bool has_word(std::string_view words, std::string_view word);

class Faults {
 public:
  // False: kFaultsMax are on.
  bool add(Endpoint endpoint, const Fault& fault, std::int64_t requests);
  // What the next request to the endpoint suffers. Those of one endpoint come one after another.
  Fault take(Endpoint endpoint);
  void clear();

 private:
  struct Pending {
    Fault fault;
    std::int64_t requests = 1;
  };

  std::array<std::deque<Pending>, kEndpoints> pending_;
  std::size_t size_ = 0;
};

}  // namespace runledger::provider
