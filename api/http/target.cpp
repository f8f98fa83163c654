#include "api/http/target.h"

#include <cstdint>
#include <optional>

namespace runledger::api {
namespace {

Problem bad_target(std::string detail) {
  return Problem{.status = 400, .code = "bad_target", .detail = std::move(detail)};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// nullopt: "%" without two hex digits after it.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      int high = hex_value(text[i + 1]);
      int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

// Length of the UTF-8 sequence (RFC 3629: no overlong forms, no surrogates) at the front; 0:
// invalid.
std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
  };
  if (byte(0) < 0x80) return 1;
  std::size_t length = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  bool overlong = (byte(0) == 0xE0 && byte(1) < 0xA0) || (byte(0) == 0xF0 && byte(1) < 0x90);
  bool surrogate = byte(0) == 0xED && byte(1) > 0x9F;
  bool beyond = byte(0) == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    auto first = static_cast<std::uint8_t>(text.front());
    if (first < 0x20 || first == 0x7F) return false;
    std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_slash_in_disguise(std::string_view raw_path) {
  for (std::size_t i = raw_path.find('%'); i != std::string_view::npos;
       i = raw_path.find('%', i + 1)) {
    std::string_view escape = raw_path.substr(i, 3);
    if (escape == "%2F" || escape == "%2f" || escape == "%5C" || escape == "%5c") return true;
  }
  return raw_path.find('\\') != std::string_view::npos;
}

bool has_odd_segment(std::string_view path) {
  path.remove_prefix(1);
  while (!path.empty()) {
    std::size_t slash = path.find('/');
    std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

std::optional<Problem> parse_query(std::string_view text, Target& target) {
  while (!text.empty()) {
    std::size_t end = text.find('&');
    std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    std::size_t equals = pair.find('=');
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string()
                                                  : percent_decode(pair.substr(equals + 1), true);
    if (!key || !value || !is_clean_text(*key) || !is_clean_text(*value)) {
      return bad_target("Expected a query of percent-encoded UTF-8 without control characters");
    }
    if (target.query.contains(*key)) {
      return bad_target("Expected each query key once, but '" + *key + "' is repeated");
    }
    target.query.emplace(std::move(*key), std::move(*value));
  }
  return std::nullopt;
}

}  // namespace

std::variant<Target, Problem> parse_target(std::string_view text) {
  if (text.size() > kTargetBytesMax) {
    return Problem{.status = 414,
                   .code = "target_too_long",
                   .detail = "Expected a request target of at most " +
                             std::to_string(kTargetBytesMax) + " bytes"};
  }
  if (!text.starts_with('/')) return bad_target("Expected a request target that starts with '/'");
  if (text.find('#') != std::string_view::npos) return bad_target("Expected no '#' in the target");

  std::size_t question = text.find('?');
  std::string_view raw_path = text.substr(0, question);
  if (has_slash_in_disguise(raw_path)) {
    return bad_target("Expected no backslash, encoded or not, and no encoded slash in the path");
  }
  auto path = percent_decode(raw_path, false);
  if (!path || !is_clean_text(*path)) {
    return bad_target("Expected a path of percent-encoded UTF-8 without control characters");
  }
  if (has_odd_segment(*path)) return bad_target("Expected no empty, '.' or '..' path segment");

  Target target{std::move(*path), {}};
  if (question != std::string_view::npos) {
    if (auto problem = parse_query(text.substr(question + 1), target)) return *problem;
  }
  return target;
}

}  // namespace runledger::api
