// The lexical rules of header fields (RFC 9110, section 5).
#pragma once

#include <string>
#include <string_view>

namespace runledger::api {

bool is_token(std::string_view text);
// No control characters but tabs; bytes from 0x80 up are let through.
bool is_field_value(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);  // spaces and tabs
// Whether a comma-separated list has the token, in any case.
bool list_has(std::string_view list, std::string_view token);

}  // namespace runledger::api
