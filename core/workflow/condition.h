// A step's `when`: JSON, as data. A string that is one whole reference is true unless it gives
// false, null, 0, "" or an empty array or object, or nothing. Otherwise an object with one member:
//   {"eq": [a, b]} ne lt le gt ge    numbers with numbers, strings with strings; eq and ne any
//   values
//   {"in": [a, [..]]}                 a is one of them
//   {"exists": "${…}"}                the reference leads to something
//   {"not": c} {"and": [c, …]} {"or": [c, …]}
// a and b are any JSON, references in them resolved. Pure functions, any thread.
#pragma once

#include <string_view>
#include <variant>

#include "core/workflow/references.h"

namespace runledger::core {

inline constexpr std::size_t kConditionDepthMax = 16;

class ReferenceValues;

// The reference error's pointer is into the condition. A condition whose values are so large that
// to compare them takes more than kReferenceWorkBytesMax gives an error.
std::variant<bool, ReferenceError> holds(std::string_view condition_json, ReferenceValues& values);
std::variant<bool, ReferenceError> holds(std::string_view condition_json,
                                         const ReferenceScope& scope);
// nullopt: the form is right; otherwise where and what is wrong.
std::optional<ReferenceError> check_condition(std::string_view condition_json);

}  // namespace runledger::core
