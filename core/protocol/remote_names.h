// How providers and their jobs may be called. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace runledger::core::protocol {

inline constexpr std::size_t kProviderNameBytesMax = 64;
inline constexpr std::size_t kExecuteIdBytesMax = 256;

// A lower-case letter, then letters, digits, '_', '-' and '.': "coze".
bool is_provider_name(std::string_view text);
// As the provider names a job: not empty, without control characters.
bool is_execute_id(std::string_view text);

}  // namespace runledger::core::protocol
