// JSON as text: the form in which it crosses the seams of the project. Plain functions, any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::core::protocol {

// Arrays and objects inside one another. Far below what overflows the stack of a recursive reader.
inline constexpr std::size_t kJsonNestingMax = 64;

enum class JsonKind { kAny, kObject };

// Why the text is not one JSON value of that kind in valid UTF-8, nested at most kJsonNestingMax
// deep; nothing when it is.
std::optional<std::string> json_text_problem(std::string_view text, JsonKind kind);

bool is_utf8(std::string_view text);
// Each part that is not UTF-8 becomes U+FFFD.
std::string mended_utf8(std::string text);

}  // namespace runledger::core::protocol
