// The reason phrases of the HTTP status codes that are in use (RFC 9110). Any thread.
#pragma once

#include <string_view>

namespace runledger::api {

std::string_view reason_phrase(int status);

}  // namespace runledger::api
