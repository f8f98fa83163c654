// The values of a JSON array. Pure, any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/base/json_text.h"

namespace runledger::core {

// nullopt: it is not JSON, or no array.
std::optional<std::vector<JsonText>> split_array(std::string_view json);

}  // namespace runledger::core
