// Reading untrusted JSON text into a document, inside core/protocol.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace runledger::core::protocol {

// The document, or why there is none. Nesting is counted while parsing: a deep document is never
// built, since copying or writing one recurses.
std::variant<nlohmann::json, std::string> parse_json(std::string_view text,
                                                     std::size_t nesting_max);

}  // namespace runledger::core::protocol
