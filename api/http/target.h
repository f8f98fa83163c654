// A request target ("/v1/runs?limit=5") taken apart and percent-decoded, once and only here.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "api/http/problem.h"

namespace runledger::api {

inline constexpr std::size_t kTargetBytesMax = 2048;

struct Target {
  std::string path;  // decoded; no empty, "." or ".." segment
  std::map<std::string, std::string, std::less<>> query;
};

// Refused: longer than kTargetBytesMax (414); not in origin form, a malformed escape, control
// characters, invalid UTF-8, an encoded slash or backslash, dot segments, a repeated query key
// (400).
std::variant<Target, Problem> parse_target(std::string_view target);

}  // namespace runledger::api
