#include "api/rest/idempotency_key.h"

#include <algorithm>

#include "api/rest/replies.h"

namespace runledger::api {

std::optional<Problem> read_idempotency_key(const Request& request, std::string& key) {
  if (!request.headers.contains("idempotency-key")) return std::nullopt;
  key = request.header("idempotency-key");
  const bool printable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!key.empty() && key.size() <= kIdempotencyKeyBytesMax && printable) return std::nullopt;
  return bad_request("invalid_idempotency_key", "Expected an Idempotency-Key of 1 to " +
                                                    std::to_string(kIdempotencyKeyBytesMax) +
                                                    " printable ASCII characters without spaces");
}

}  // namespace runledger::api
