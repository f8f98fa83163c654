// The form of a condition, as a tree. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/workflow/json_node.h"
#include "core/workflow/references.h"

namespace runledger::core {

// Those inside count. Each may compare large values, so their number bounds what an evaluation
// costs.
inline constexpr std::size_t kConditionTermsMax = 100;

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kExists,
  kNot,
  kAnd,
  kOr,
};

std::optional<Operator> operator_from_text(std::string_view name);

// All that is wrong with it. Pointers begin with the base.
std::vector<ReferenceError> condition_problems(const JsonNode& condition, std::string_view base);

}  // namespace runledger::core
