// A signed statement of what the log was: the hash of its chain at an offset. Handed to an outsider
// it shows later whether the log is still that one. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventlog/seal.h"
#include "eventlog/seal_key.h"

namespace runledger::eventlog {

struct Checkpoint {
  Offset offset = 0;  // of the last event that it covers, which ends a commit
  Digest hash{};
  std::string time;        // RFC 3339, UTC
  std::string public_key;  // 32 bytes
  std::string signature;   // 64 bytes
};

// The chain covers at least one event.
Checkpoint sign_checkpoint(const ChainHead& chain, std::int64_t now_us, const SealKey& key);
bool has_good_signature(const Checkpoint& checkpoint);
// A short name of the key: the first 16 hex digits of its SHA-256.
std::string key_id(std::string_view public_key);

// One line of JSON, without a line end; described in eventlog/README.md.
std::string to_json(const Checkpoint& checkpoint);
std::optional<Checkpoint> parse_checkpoint(std::string_view json);

}  // namespace runledger::eventlog
