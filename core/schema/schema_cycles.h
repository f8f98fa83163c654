// References of a schema that lead back to themselves without going into the value: checking would
// never end.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger::core {

// The first such reference, or one that leads nowhere or out of the schema; nullopt when there is
// none.
std::optional<std::string> find_bad_reference(std::string_view schema_json);

}  // namespace runledger::core
