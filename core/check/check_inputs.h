// Inputs that a task type must not get, made from one that it may get. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runledger::core::check {

inline constexpr std::size_t kMalformedInputsMax = 64;  // of one task type

// JSON objects that violate the schema: each member of it missing or of another type, none at all,
// and deep or long values. Empty when the schema takes all of them.
std::vector<std::string> malformed_inputs(std::string_view schema_json, std::string_view example);

}  // namespace runledger::core::check
