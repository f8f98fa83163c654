// Which JSON Schema keywords are enforced. Any other is an error when a schema is compiled.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger::core {

// The first keyword that is not enforced, with its place; nullopt when the schema has none.
std::optional<std::string> find_unsupported(std::string_view schema_json);

}  // namespace runledger::core
