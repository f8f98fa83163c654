// The id under which a request is logged and answered.
#pragma once

#include <string>
#include <string_view>

namespace runledger::api {

inline constexpr std::size_t kRequestIdBytesMax = 64;

// What a client may choose itself: 1 to 64 of [A-Za-z0-9._-].
bool is_request_id(std::string_view text);
std::string random_request_id();  // any thread

}  // namespace runledger::api
