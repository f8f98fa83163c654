// What an open makes sure of before anything is read or written. For the .cpp files of this folder.
#pragma once

#include <cstddef>

#include "eventlog/chain_check.h"
#include "eventlog/log_position.h"
#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

struct CheckedTail {
  LogPosition position;
  ChainHead chain;
};

// The last records are dense, decode, stand in the stream index where they say, and have the hashes
// of their commits; the position row agrees with the last record. Throws LogError, naming offset
// and place.
CheckedTail check_tail(const Database& database, std::size_t records_max);

// The log goes as far as the fence says and has its hash there; without a fence it is empty, unless
// the loss of one is accepted. Throws LogError.
void require_fence(const Database& database, const ChainHead& chain,
                   const std::optional<ChainHead>& fence, const std::filesystem::path& file,
                   const RocksDbOptions& options);

}  // namespace runledger::eventlog
