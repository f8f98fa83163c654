#include "core/worker/provider_calls.h"

#include <algorithm>
#include <chrono>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

egress::HttpProblem not_allowed(std::string code, std::string message) {
  return {std::move(code), std::move(message), false, false};
}

// Adds the credential that the request names, and says which. What is in the way of it, or nothing.
std::optional<egress::HttpProblem> equip(OutsideRequest& request,
                                         const std::vector<Credential>& credentials,
                                         const Credential*& used) {
  if (request.credential.empty()) return std::nullopt;
  const auto known = std::find_if(
      credentials.begin(), credentials.end(),
      [&](const Credential& credential) { return credential.name == request.credential; });
  if (known == credentials.end()) {
    return not_allowed("credential_unknown", "This worker has no credential '" +
                                                 request.credential + "': --credential gives one");
  }
  if (egress::origin_of(request.http.url) != known->origin) {
    return not_allowed("credential_not_for_origin", "The credential '" + request.credential +
                                                        "' is for " + known->origin + ", not for " +
                                                        egress::without_secrets(request.http.url));
  }
  used = &*known;
  request.http.headers.emplace_back(known->header, known->value);
  return std::nullopt;
}

// A server that echoes the secret would have it end up in an event.
void mask(std::string& text, const std::string& secret) {
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    text.replace(at, secret.size(), secret.size(), '*');
    at += secret.size();
  }
}

void mask(egress::HttpOutcome& outcome, const std::string& secret) {
  auto* answer = std::get_if<egress::HttpAnswer>(&outcome);
  if (answer == nullptr || secret.empty()) return;
  mask(answer->body, secret);
  for (auto& [name, value] : answer->headers) mask(value, secret);
}

std::uint64_t asked_wait_ms(const egress::HttpOutcome& outcome) {
  const auto* answer = std::get_if<egress::HttpAnswer>(&outcome);
  if (answer == nullptr || (answer->status != 429 && answer->status != 503)) return 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto wait =
      egress::retry_after(*answer, std::chrono::duration_cast<std::chrono::seconds>(now).count());
  return wait ? static_cast<std::uint64_t>(wait->count()) : 0;
}

}  // namespace

ProviderCalls::ProviderCalls(ProviderAccess access)
    : access_(std::move(access)), caller_(access_.allowed) {}

OutsideAnswer ProviderCalls::call(OutsideRequest request, const std::stop_token& stop) const {
  request.http.answer_bytes_max =
      std::min<std::uint64_t>(request.http.answer_bytes_max, kCallBodyBytesMax);
  return download(std::move(request), -1, stop);
}

OutsideAnswer ProviderCalls::download(OutsideRequest request, int file,
                                      const std::stop_token& stop) const {
  const Credential* used = nullptr;
  if (auto problem = equip(request, access_.credentials, used)) return {std::move(*problem), 0};
  request.http.timeouts.total = std::min(request.http.timeouts.total, kCallTimeMax);
  auto outcome = caller_.download(request.http, file, stop);
  if (used != nullptr) mask(outcome, used->secret);
  const auto wait_ms = asked_wait_ms(outcome);
  return {std::move(outcome), wait_ms};
}

}  // namespace runledger::core::worker
