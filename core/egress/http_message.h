// A call to somebody else's HTTP server, and what came of it. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace runledger::core::egress {

using Headers = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::size_t kUrlBytesMax = 8 * 1024;
inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;          // of a request, of an answer
inline constexpr std::size_t kRequestBytesMax = 16 * 1024 * 1024;  // of a body
inline constexpr std::size_t kAnswerBytesMax = 16 * 1024 * 1024;   // of a body kept in memory

struct HttpTimeouts {
  std::chrono::milliseconds connect{10'000};     // name, connection and TLS together
  std::chrono::milliseconds first_byte{60'000};  // from then on to the answer's first byte
  std::chrono::milliseconds idle{30'000};        // between two bytes of the answer
  std::chrono::milliseconds total{300'000};
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https, no user in it
  Headers headers;
  std::string body;
  HttpTimeouts timeouts;
  std::uint64_t answer_bytes_max = kAnswerBytesMax;  // of the body
  // A redirect is followed only without credentials: none of them may reach another host.
  std::uint32_t redirects_max = 0;
};

struct HttpAnswer {
  long status = 0;
  Headers headers;  // of the last answer; names in lower case
  std::string body;
  std::uint64_t body_bytes = 0;  // also where the body went into a file

  // The first of that name (in lower case).
  std::optional<std::string_view> header(std::string_view name) const;
};

// There is no answer, or not all of it. The message never has headers, nor a URL's query.
struct HttpProblem {
  // invalid_request, address_refused, host_unknown, connect_failed, connect_timed_out, tls_failed,
  // first_byte_timed_out, idle_timed_out, timed_out, answer_too_large, headers_too_large,
  // answer_cut, too_many_redirects, protocol_error, stopped, write_failed
  std::string code;
  std::string message;
  bool retryable = false;
  // The request may have arrived: what it asked for may be happening.
  bool may_have_arrived = false;
};

using HttpOutcome = std::variant<HttpAnswer, HttpProblem>;

// Why the request cannot be made as it is; empty when it can.
std::string request_problem(const HttpRequest& request);

// How long a 429 or 503 asks to wait (RFC 9110, 10.2.3: seconds or a date). `now_s` is the time in
// seconds since 1970. nullopt: it does not say, or nothing sensible.
std::optional<std::chrono::milliseconds> retry_after(const HttpAnswer& answer, std::int64_t now_s);

// "https://api.example.com:443" of a URL: scheme, host in lower case, port. nullopt: it is no URL
// of http or https.
std::optional<std::string> origin_of(std::string_view url);

// The URL without query, fragment and user: for logs and messages.
std::string without_secrets(std::string_view url);

}  // namespace runledger::core::egress
