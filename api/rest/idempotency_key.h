// The Idempotency-Key header of what makes a run.
#pragma once

#include <optional>
#include <string>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace runledger::api {

inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;

// Empty without the header.
std::optional<Problem> read_idempotency_key(const Request& request, std::string& key);

}  // namespace runledger::api
