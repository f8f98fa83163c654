// Calls to other people's servers, as an executor makes and sees them (TaskContext::http). The
// worker makes them: a plugin needs no HTTP client and never sees a secret.
#pragma once

#include <runledger/plugin.h>
#include <runledger/failure.hpp>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runledger {

using json = nlohmann::json;
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};
  HttpHeaders headers = {};
  std::string body = {};                         // at most 8 MiB
  std::string credential = {};                   // by name: `runledger worker --credential`
  std::chrono::milliseconds first_byte{60'000};  // until the answer begins
  std::chrono::milliseconds total{300'000};      // of the whole call
  std::uint32_t redirects_max = 0;               // of GET and HEAD without headers of one's own
  std::uint64_t answer_bytes_max = 8 * 1024 * 1024;
};

// A POST of JSON.
inline HttpRequest post_json(std::string url, const json& body) {
  return {.method = "POST",
          .url = std::move(url),
          .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          .body = body.dump(-1, ' ', false, json::error_handler_t::replace)};
}

// There is no answer, or one that is of no use. code(): address_refused, host_unknown,
// connect_failed, connect_timed_out, tls_failed, first_byte_timed_out, idle_timed_out, timed_out,
// answer_too_large, headers_too_large, answer_cut, too_many_redirects, protocol_error,
// credential_unknown, credential_not_for_origin, bad_status, answer_not_json.
class HttpFailure : public Failure {
 public:
  HttpFailure(std::string code, const std::string& message, const runledger_http_answer& answer)
      : Failure(std::move(code), message, answer.retryable != 0,
                std::chrono::milliseconds(answer.retry_after_ms)),
        may_have_arrived_(answer.may_have_arrived != 0) {}
  HttpFailure(std::string code, const std::string& message, bool retryable,
              std::chrono::milliseconds retry_after, bool may_have_arrived)
      : Failure(std::move(code), message, retryable, retry_after),
        may_have_arrived_(may_have_arrived) {}
  // What was asked for may be happening all the same.
  bool may_have_arrived() const { return may_have_arrived_; }

 private:
  bool may_have_arrived_;
};

struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  std::string body;
  std::chrono::milliseconds retry_after{0};  // that a 429 or 503 asks for
  std::string asked;                         // "POST https://api.example.com/v1/jobs"

  bool ok() const { return status >= 200 && status < 300; }
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [known, value] : headers) {
      if (known == name) return value;
    }
    return std::nullopt;
  }
  // Itself when the status is 2xx. Throws `bad_status` otherwise, retryable for 429 and 5xx and
  // then no earlier than the server asks for.
  const HttpAnswer& expect_ok() const {
    if (ok()) return *this;
    const bool retryable = status == 429 || status >= 500;
    throw HttpFailure("bad_status", asked + " answered " + std::to_string(status), retryable,
                      retry_after, false);
  }
  // The body as JSON; throws `answer_not_json`.
  runledger::json json() const {
    auto parsed = runledger::json::parse(body, nullptr, false);
    if (!parsed.is_discarded()) return parsed;
    throw HttpFailure("answer_not_json", asked + " answered with something that is no JSON", true,
                      std::chrono::milliseconds(0), true);
  }
};

namespace detail {

inline runledger_text text_of(std::string_view value) {
  return {value.data(), value.size()};
}

// A request as the C contract has it; lives as long as the call.
class CallText {
 public:
  explicit CallText(const HttpRequest& request)
      : headers_(json(request.headers).dump(-1, ' ', false, json::error_handler_t::replace)),
        raw_{sizeof(runledger_http_request),
             request.redirects_max,
             text_of(request.method),
             text_of(request.url),
             text_of(headers_),
             text_of(request.credential),
             text_of(request.body),
             static_cast<std::uint64_t>(request.first_byte.count()),
             static_cast<std::uint64_t>(request.total.count()),
             request.answer_bytes_max} {}
  CallText(const CallText&) = delete;
  CallText& operator=(const CallText&) = delete;
  const runledger_http_request& raw() const { return raw_; }

 private:
  const std::string headers_;
  const runledger_http_request raw_;
};

inline HttpAnswer answer_of(const HttpRequest& request, const runledger_http_answer& raw) {
  HttpAnswer answer;
  answer.status = static_cast<int>(raw.status);
  answer.headers = json::parse(std::string_view(raw.headers.data, raw.headers.size));
  answer.body.assign(raw.body.data, raw.body.size);
  answer.retry_after = std::chrono::milliseconds(raw.retry_after_ms);
  answer.asked = request.method + " " + request.url.substr(0, request.url.find_first_of("?#"));
  return answer;
}

}  // namespace detail
}  // namespace runledger
