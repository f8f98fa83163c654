// Writes a template with its references replaced, within the bounds of size and depth.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/workflow/reference_values.h"

namespace runledger::core {

// As resolve() in references.h, with values that are there for longer.
std::variant<JsonText, ReferenceError> resolve(std::string_view template_json,
                                               ReferenceValues& values);
// Of a template that is parsed; pointers begin with the base.
std::variant<JsonText, ReferenceError> resolve_node(const JsonNode& node, ReferenceValues& values,
                                                    std::string_view base = "");

}  // namespace runledger::core
