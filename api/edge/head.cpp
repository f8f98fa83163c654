#include "api/edge/head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/http/field.h"

namespace runledger::api {
namespace {

Problem bad_request(std::string detail) {
  return {.status = 400, .code = "bad_request", .detail = std::move(detail)};
}

Problem bad_framing(std::string detail) {
  return {.status = 400, .code = "bad_framing", .detail = std::move(detail)};
}

// Fields that mean one thing: a second one is an attempt to be understood in two ways.
constexpr std::array<std::string_view, 8> kSingleFields = {
    "host",   "content-length",  "transfer-encoding", "authorization",
    "expect", "idempotency-key", "content-type",      "x-request-id"};

std::optional<Problem> parse_request_line(std::string_view line, Head& head) {
  std::size_t first = line.find(' ');
  std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad_request("Expected a request line of method, target and version");
  }
  std::string_view version = line.substr(last + 1);
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (!is_token(head.method) || head.target.empty() ||
      head.target.find_first_of(" \t") != std::string::npos || !is_field_value(head.target)) {
    return bad_request("Expected a request line of method, target and version");
  }
  if (version == "HTTP/1.0") {
    head.is_http_1_0 = true;
  } else if (version != "HTTP/1.1") {
    if (!version.starts_with("HTTP/")) return bad_request("Expected an HTTP version");
    return Problem{
        .status = 505, .code = "version_not_supported", .detail = "Expected HTTP/1.1 or HTTP/1.0"};
  }
  return std::nullopt;
}

std::optional<Problem> parse_field(std::string_view line, Head& head) {
  std::size_t colon = line.find(':');
  // A token has no white space, which also refuses folded lines and "Name : value".
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return bad_request("Expected a header field of the form 'Name: value'");
  }
  std::string name = to_lower(line.substr(0, colon));
  std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) {
    return bad_request("Expected no control characters in the field " + name);
  }
  if (head.has_field(name) && std::ranges::find(kSingleFields, name) != kSingleFields.end()) {
    return bad_framing("Expected the field " + name + " at most once");
  }
  head.fields.emplace_back(std::move(name), value);
  return std::nullopt;
}

std::optional<Problem> find_framing(Head& head) {
  if (head.has_field("content-length")) {
    std::string_view text = head.field("content-length");
    std::uint64_t length = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    bool is_whole = error == std::errc() && end == text.data() + text.size();
    // from_chars takes no sign for unsigned types, so what is whole is digits alone.
    if (!is_whole) return bad_framing("Expected Content-Length to be a decimal number");
    head.content_length = length;
  }
  if (head.has_field("transfer-encoding")) {
    if (head.is_http_1_0 || head.content_length) {
      return bad_framing("Expected Transfer-Encoding in HTTP/1.1 only, and without Content-Length");
    }
    if (!equals_ignoring_case(head.field("transfer-encoding"), "chunked")) {
      return bad_framing("Expected the Transfer-Encoding 'chunked', the only one that is taken");
    }
    head.is_chunked = true;
  }
  return std::nullopt;
}

std::optional<Problem> find_connection_options(Head& head) {
  if (!head.is_http_1_0 && !head.has_field("host")) {
    return bad_request("Expected a Host field");
  }
  head.wants_close = head.is_http_1_0;
  for (const auto& [name, value] : head.fields) {
    if (name == "connection" && list_has(value, "close")) head.wants_close = true;
  }
  if (head.has_field("expect") && !head.is_http_1_0) {
    if (!equals_ignoring_case(head.field("expect"), "100-continue")) {
      return Problem{.status = 417,
                     .code = "expectation_failed",
                     .detail = "Expected no expectation but 100-continue"};
    }
    head.expects_continue = true;
  }
  return std::nullopt;
}

}  // namespace

std::string_view Head::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

bool Head::has_field(std::string_view name) const {
  return std::ranges::any_of(fields, [&](const auto& field) { return field.first == name; });
}

HeadEnd find_head_end(std::string_view bytes) {
  using enum HeadEnd::State;
  std::size_t line = 0;
  for (;;) {
    std::size_t odd = bytes.find_first_of(std::string_view("\r\n\0", 3), line);
    if (odd == std::string_view::npos) return {kIncomplete};
    if (bytes[odd] != '\r') return {kMalformed};
    if (odd + 1 == bytes.size()) return {kIncomplete};
    if (bytes[odd + 1] != '\n') return {kMalformed};
    if (odd == line) return line == 0 ? HeadEnd{kMalformed} : HeadEnd{kComplete, odd + 2};
    line = odd + 2;
  }
}

std::variant<Head, Problem> parse_head(std::string_view text, std::size_t fields_max) {
  Head head;
  bool is_request_line = true;
  while (!text.starts_with("\r\n")) {
    std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return bad_request("Expected a head that ends");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (!is_request_line && head.fields.size() == fields_max) {
      return Problem{.status = 431,
                     .code = "too_many_fields",
                     .detail = "Expected at most " + std::to_string(fields_max) + " fields"};
    }
    auto problem = is_request_line ? parse_request_line(line, head) : parse_field(line, head);
    if (problem) return *problem;
    is_request_line = false;
  }
  if (is_request_line) return bad_request("Expected a request line");
  if (auto problem = find_framing(head)) return *problem;
  if (auto problem = find_connection_options(head)) return *problem;
  return head;
}

}  // namespace runledger::api
