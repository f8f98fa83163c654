// Request bodies: parsed once, strictly. Refused are: what is not JSON or not UTF-8, nesting deeper
// than kJsonDepthMax (deeper values crash the parser's own destructor), a member that is there
// twice, an integer of more than 64 bits.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "api/http/problem.h"

namespace runledger::api {

inline constexpr int kJsonDepthMax = 64;

using Json = nlohmann::ordered_json;

// A member's name as a part of a JSON pointer (RFC 6901).
std::string pointer_token(const std::string& name);

std::variant<Json, Problem> parse_object_body(const std::string& body);

}  // namespace runledger::api
