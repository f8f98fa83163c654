// The bytes of a response head.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/http/message.h"

namespace runledger::api {

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// How one answer goes out; the rest is in the Answer.
struct Delivery {
  std::string request_id;
  bool is_head = false;  // the head alone
  bool closes = false;   // the connection ends after it
};

// Head of `answer` with a body of `length` bytes (answer.body does not count). Field values that
// would end the head early are left out.
std::string response_head(const Answer& answer, std::uint64_t length, const Delivery& delivery);

// The value of Content-Disposition for a download under this name (RFC 6266, RFC 8187).
std::string content_disposition(std::string_view file_name);

}  // namespace runledger::api
