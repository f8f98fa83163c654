#include "core/egress/http_message.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>

namespace runledger::core::egress {
namespace {

constexpr std::int64_t kRetryAfterMaxS = 24 * 3600;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string result(text);
  curl_free(text);
  return result;
}

bool is_token(std::string_view text) {  // RFC 9110, 5.6.2
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
}

std::string url_problem(const std::string& url) {
  if (url.size() > kUrlBytesMax) {
    return "the URL has more than " + std::to_string(kUrlBytesMax) + " bytes";
  }
  if (!is_field_value(url) || url.find_first_of(" \t") != std::string::npos) {
    return "the URL has a space or a control character";
  }
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return "that is no URL";
  }
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return "the URL is not of http or https";
  if (part_of(parsed.get(), CURLUPART_HOST).empty()) return "the URL names no host";
  if (!part_of(parsed.get(), CURLUPART_USER).empty() ||
      !part_of(parsed.get(), CURLUPART_PASSWORD).empty()) {
    return "the URL has a user or password: use a header";
  }
  return {};
}

bool same_name(std::string_view header, std::string_view lower_case) {
  return std::equal(header.begin(), header.end(), lower_case.begin(), lower_case.end(),
                    [](unsigned char a, char b) { return std::tolower(a) == b; });
}

template <std::size_t N>
bool is_any_of(std::string_view header, const std::string_view (&names)[N]) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view name) { return same_name(header, name); });
}

// What says how a message is framed, or to whom it goes, is the caller's own business.
constexpr std::string_view kReserved[] = {"host",       "content-length", "transfer-encoding",
                                          "connection", "upgrade",        "expect",
                                          "te",         "trailer",        "accept-encoding"};

// Redirects may lead to another host, which must not get what was meant for the first one.
bool may_be_redirected(const HttpRequest& request) {
  constexpr std::string_view kHarmless[] = {"accept", "accept-language", "range", "if-none-match",
                                            "if-modified-since"};
  return (request.method == "GET" || request.method == "HEAD") && request.body.empty() &&
         std::all_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return is_any_of(header.first, kHarmless); });
}

std::string headers_problem(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) return "a header has a name that is none";
    if (is_any_of(name, kReserved)) return "the header " + name + " is not for a caller to set";
    if (!is_field_value(value)) return "the header " + name + " has a control character";
    bytes += name.size() + value.size() + 4;
  }
  if (bytes > kHeaderBytesMax) {
    return "the headers have more than " + std::to_string(kHeaderBytesMax) + " bytes";
  }
  return {};
}

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string request_problem(const HttpRequest& request) {
  if (!is_token(request.method) || request.method.size() > 16) return "the method is none";
  if (request.method == "CONNECT" || request.method == "TRACE") {
    return "the method " + request.method + " is not for this";
  }
  if (request.body.size() > kRequestBytesMax) {
    return "the body has more than " + std::to_string(kRequestBytesMax) + " bytes";
  }
  if (auto problem = url_problem(request.url); !problem.empty()) return problem;
  if (request.redirects_max > 0 && !may_be_redirected(request)) {
    return "redirects are followed for GET and HEAD alone, and without headers that may be secret";
  }
  return headers_problem(request.headers);
}

std::optional<std::chrono::milliseconds> retry_after(const HttpAnswer& answer, std::int64_t now_s) {
  const auto value = answer.header("retry-after");
  if (!value) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), seconds);
  if (error != std::errc() || end != value->data() + value->size()) {
    const std::time_t date = curl_getdate(std::string(*value).c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = static_cast<std::int64_t>(date) - now_s;
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kRetryAfterMaxS));
}

std::optional<std::string> origin_of(std::string_view url) {
  if (!url_problem(std::string(url)).empty()) return std::nullopt;
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0);
  std::string host = part_of(parsed.get(), CURLUPART_HOST);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return part_of(parsed.get(), CURLUPART_SCHEME) + "://" + host + ":" +
         part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

std::string without_secrets(std::string_view url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), 0) != CURLUE_OK) {
    return "a URL that is none";
  }
  const std::string port = part_of(parsed.get(), CURLUPART_PORT);
  return part_of(parsed.get(), CURLUPART_SCHEME) + "://" + part_of(parsed.get(), CURLUPART_HOST) +
         (port.empty() ? "" : ":" + port) + part_of(parsed.get(), CURLUPART_PATH);
}

}  // namespace runledger::core::egress
