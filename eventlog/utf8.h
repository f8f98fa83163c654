// UTF-8, read strictly: no overlong forms, no surrogates, nothing above U+10FFFF. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace runledger::eventlog {

// The code point that begins there, at < text.size(), and moves at behind it; nullopt if none does.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at);

}  // namespace runledger::eventlog
