// The head of a request, read strictly: whatever two parsers could understand differently is
// refused (RFC 9112), because that is how requests are smuggled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "api/http/problem.h"

namespace runledger::api {

struct Head {
  std::string method;
  std::string target;  // as it came
  bool is_http_1_0 = false;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, values trimmed
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;
  bool wants_close = false;
  bool expects_continue = false;

  std::string_view field(std::string_view name) const;  // the first; empty when absent
  bool has_field(std::string_view name) const;
  bool has_body() const { return is_chunked || content_length.value_or(0) > 0; }
};

// Where the head at the front of `bytes` ends.
struct HeadEnd {
  enum class State { kIncomplete, kComplete, kMalformed };
  State state = State::kIncomplete;
  std::size_t size = 0;  // kComplete: including the empty line
};
// kMalformed as soon as a line ends in anything but CR LF, or a NUL comes.
HeadEnd find_head_end(std::string_view bytes);

// `text` ends with the empty line. The body cannot be found after a refusal: answer and close.
std::variant<Head, Problem> parse_head(std::string_view text, std::size_t fields_max);

}  // namespace runledger::api
