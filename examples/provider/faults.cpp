#include "examples/provider/faults.h"

#include <algorithm>

namespace runledger::provider {
namespace {

constexpr std::array<std::string_view, kEndpoints> kNames = {
    "run", "find", "history", "cancel", "file", "images", "videos", "video", "content", "chat"};

constexpr std::string_view kWithId = "run find history cancel videos video content ";

constexpr FaultRule kRules[] = {
    {FaultKind::kDelay, "delay", "ms ", ""},
    {FaultKind::kStatus, "status", "status retry_after_s carried_out ", ""},
    {FaultKind::kSilence, "silence", "", ""},
    {FaultKind::kDrop, "drop", "", ""},
    {FaultKind::kTrickle, "trickle", "ms ", ""},
    {FaultKind::kCut, "cut", "", ""},
    {FaultKind::kWrongLength, "wrong_length", "bytes ", ""},
    {FaultKind::kWrongType, "wrong_type", "", ""},
    {FaultKind::kBadJson, "bad_json", "", ""},
    {FaultKind::kNoUrl, "no_url", "", "history images "},
    {FaultKind::kUnknownStatus, "unknown_status", "", "history video "},
    {FaultKind::kUnknownId, "unknown_id", "", kWithId},
    {FaultKind::kRedirectLoop, "redirect_loop", "", ""},
    {FaultKind::kRedirectPrivate, "redirect_private", "", ""},
    {FaultKind::kGzipBomb, "gzip_bomb", "", ""},
    {FaultKind::kEndless, "endless", "", ""},
    {FaultKind::kDeadHost, "dead_host", "", "history images "},
    {FaultKind::kEchoCredential, "echo_credential", "", ""},
    {FaultKind::kFail, "fail", "message ", "run videos "},
    {FaultKind::kJobMs, "job_ms", "ms ", "run videos "},
};

}  // namespace

std::string_view name_of(Endpoint endpoint) {
  return kNames.at(static_cast<std::size_t>(endpoint));
}

std::optional<Endpoint> endpoint_of(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Endpoint>(found - kNames.begin());
}

const FaultRule* fault_rule(std::string_view name) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules),
                                  [&](const FaultRule& rule) { return rule.name == name; });
  return found == std::end(kRules) ? nullptr : found;
}

bool has_word(std::string_view words, std::string_view word) {
  const std::string spaced = " " + std::string(words);
  return spaced.find(" " + std::string(word) + " ") != std::string::npos;
}

bool Faults::add(Endpoint endpoint, const Fault& fault, std::int64_t requests) {
  if (size_ >= kFaultsMax) return false;
  pending_.at(static_cast<std::size_t>(endpoint)).push_back({fault, requests});
  ++size_;
  return true;
}

Fault Faults::take(Endpoint endpoint) {
  auto& pending = pending_.at(static_cast<std::size_t>(endpoint));
  if (pending.empty()) return {};
  const Fault fault = pending.front().fault;
  if (--pending.front().requests == 0) {
    pending.pop_front();
    --size_;
  }
  return fault;
}

void Faults::clear() {
  pending_ = {};
  size_ = 0;
}

}  // namespace runledger::provider
