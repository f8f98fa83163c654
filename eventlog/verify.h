// Verifies a whole log: every record, the stream index, the chain of hashes, the checkpoints, the
// fence, and a checkpoint that a witness has kept. Reads only; the directory may belong to a
// running server, a copy or a backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventlog/checkpoint.h"

namespace runledger::eventlog {

inline constexpr unsigned kVerifyThreads = 2;

struct VerifyOptions {
  std::optional<Checkpoint> witness;
  unsigned threads = kVerifyThreads;
  // Events done, of how many. Called by the verifying threads, one at a time, some 100 times.
  std::function<void(Offset done, Offset total)> on_progress;
};

struct LogDamage {
  Offset offset = 0;  // of the first event that is wrong or missing
  std::string what;
};

struct VerifyReport {
  ChainHead chain;  // where the sound part ends
  std::uint64_t erased_payloads = 0;
  std::uint64_t checkpoints = 0;
  std::vector<std::string> key_ids;  // of the checkpoints, each once
  bool has_fence = false;
  std::optional<LogDamage> damage;  // the first
};

// Throws LogError if it cannot look: there is no log, or this user may not read it.
VerifyReport verify_log(const std::filesystem::path& log_directory, const VerifyOptions& options);

}  // namespace runledger::eventlog
