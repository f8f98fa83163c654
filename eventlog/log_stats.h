// Figures about a log that is only read; a server may be writing it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "eventlog/seal.h"

namespace runledger::eventlog {

struct LogStats {
  ChainHead chain;
  std::uint64_t checkpoints = 0;
  std::uint64_t bytes = 0;                           // all files of the log
  std::map<std::string, std::uint64_t> table_bytes;  // by column family, what is not in a WAL
  std::uint64_t wal_bytes = 0;                       // what a restart replays
};

// Throws LogError as open_read_only().
LogStats log_stats(const std::filesystem::path& log_directory);

}  // namespace runledger::eventlog
