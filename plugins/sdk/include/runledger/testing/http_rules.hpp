// Which calls a worker makes at all: the form of a request, by the rules of the worker.
#pragma once

#include <runledger/http.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::testing {

inline constexpr std::size_t kUrlBytesMax = 8 * 1024;
inline constexpr std::size_t kHeaderBytesMax = 64 * 1024;  // of a request

namespace detail {

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

struct Url {
  std::string scheme;
  std::string user;
  std::string host;
  std::string port;
  std::string path;
};

inline std::optional<Url> url_in(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = lower_case(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  const std::string_view rest = text.substr(end);
  url.path = rest.starts_with('/') ? rest.substr(0, rest.find_first_of("?#")) : "/";
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t port = authority.rfind(':');
  const bool has_port =
      port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket);
  url.host = authority.substr(0, has_port ? port : authority.size());
  if (has_port) url.port = authority.substr(port + 1);
  const bool digits = std::all_of(url.port.begin(), url.port.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0; });
  if (url.host.empty() || !digits) return std::nullopt;
  return url;
}

// "https://api.example.com:443"
inline std::optional<std::string> origin_of(std::string_view text) {
  const auto url = url_in(text);
  if (!url) return std::nullopt;
  const char* usual = url->scheme == "https" ? "443" : "80";
  return url->scheme + "://" + lower_case(url->host) + ":" +
         (url->port.empty() ? usual : url->port);
}

// For messages.
inline std::string without_secrets(std::string_view text) {
  const auto url = url_in(text);
  if (!url) return "a URL that is none";
  return url->scheme + "://" + url->host + (url->port.empty() ? "" : ":" + url->port) + url->path;
}

inline bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

inline bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

inline std::string url_problem(const std::string& text) {
  if (!is_field_value(text) || text.find_first_of(" \t") != std::string::npos) {
    return "the URL has a space or a control character";
  }
  const auto url = url_in(text);
  if (!url) return "that is no URL";
  if (url->scheme != "http" && url->scheme != "https") return "the URL is not of http or https";
  return url->user.empty() ? "" : "the URL has a user or password: use a header";
}

inline std::string headers_problem(const HttpHeaders& headers) {
  constexpr std::array<std::string_view, 9> kReserved{
      "host", "content-length", "transfer-encoding", "connection", "upgrade", "expect",
      "te",   "trailer",        "accept-encoding"};
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) return "a header has a name that is none";
    if (std::find(kReserved.begin(), kReserved.end(), lower_case(name)) != kReserved.end()) {
      return "the header " + name + " is not for a caller to set";
    }
    if (!is_field_value(value)) return "the header " + name + " has a control character";
    bytes += name.size() + value.size() + 4;
  }
  if (bytes <= kHeaderBytesMax) return {};
  return "the headers have more than " + std::to_string(kHeaderBytesMax) + " bytes";
}

inline bool may_be_redirected(const HttpRequest& request) {
  constexpr std::array<std::string_view, 5> kHarmless{"accept", "accept-language", "range",
                                                      "if-none-match", "if-modified-since"};
  return (request.method == "GET" || request.method == "HEAD") && request.body.empty() &&
         std::all_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
           const auto name = lower_case(header.first);
           return std::find(kHarmless.begin(), kHarmless.end(), name) != kHarmless.end();
         });
}

// Why the call cannot be made as it is; empty when it can.
inline std::string request_problem(const HttpRequest& request) {
  if (!is_token(request.method) || request.method.size() > 16) return "the method is none";
  if (request.method == "CONNECT" || request.method == "TRACE") {
    return "the method " + request.method + " is not for this";
  }
  if (auto problem = url_problem(request.url); !problem.empty()) return problem;
  if (request.redirects_max > 0 && !may_be_redirected(request)) {
    return "redirects are followed for GET and HEAD alone, and without headers that may be secret";
  }
  return headers_problem(request.headers);
}

}  // namespace detail
}  // namespace runledger::testing
