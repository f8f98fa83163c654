// Base64 of RFC 4648, with padding. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger::eventlog {

void append_base64(std::string& out, std::string_view bytes);
// Takes only what append_base64() makes: no white space, no bits left over.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace runledger::eventlog
