// Conditional and partial reads of a file (RFC 9110, sections 13 and 14).
#pragma once

#include <cstdint>
#include <string_view>

#include "api/http/message.h"

namespace runledger::api {

struct FileSelection {
  int status = 200;  // 200, 206, 304 or 416
  std::uint64_t first = 0;
  std::uint64_t length = 0;  // 0 for 304 and 416
};

// Several ranges in one request, or a malformed one: the whole file, as the RFC allows.
FileSelection select_bytes(const Request& request, std::string_view etag, std::uint64_t size);

}  // namespace runledger::api
