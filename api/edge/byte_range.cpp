#include "api/edge/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "api/http/field.h"

namespace runledger::api {
namespace {

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view without_weakness(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

bool none_match(std::string_view list, std::string_view quoted_etag) {
  for (;;) {
    std::size_t comma = list.find(',');
    std::string_view tag = trim(list.substr(0, comma));
    if (tag == "*" || without_weakness(tag) == quoted_etag) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

// nullopt: not a single well-formed byte range, which is as if it were not there.
std::optional<FileSelection> parse_range(std::string_view text, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!equals_ignoring_case(text.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  text = trim(text.substr(kUnit.size()));
  std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  auto first = to_number(text.substr(0, dash));
  auto last = to_number(text.substr(dash + 1));
  if ((dash > 0 && !first) || (dash + 1 < text.size() && !last) || (!first && !last)) {
    return std::nullopt;
  }
  const FileSelection unsatisfiable{416};
  if (!first) {  // the last N bytes
    if (*last == 0 || size == 0) return unsatisfiable;
    std::uint64_t length = std::min(*last, size);
    return FileSelection{206, size - length, length};
  }
  if (last && *last < *first) return std::nullopt;
  if (*first >= size) return unsatisfiable;
  std::uint64_t end = std::min(last.value_or(size - 1), size - 1);
  return FileSelection{206, *first, end - *first + 1};
}

}  // namespace

FileSelection select_bytes(const Request& request, std::string_view etag, std::uint64_t size) {
  std::string quoted = '"' + std::string(etag) + '"';
  std::string_view if_none_match = request.header("if-none-match");
  if (!if_none_match.empty() && !none_match(if_none_match, quoted)) return {304};

  const FileSelection whole{200, 0, size};
  std::string_view range = request.header("range");
  std::string_view if_range = request.header("if-range");
  // A weak tag or a date never matches: what was read before may be other bytes.
  if (range.empty() || (!if_range.empty() && if_range != quoted)) return whole;
  return parse_range(range, size).value_or(whole);
}

}  // namespace runledger::api
