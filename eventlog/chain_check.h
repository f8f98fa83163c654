// Holds records against the hashes of their commits. Any thread. For the .cpp files of this folder.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "eventlog/event_log.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/seal.h"

namespace runledger::eventlog {

// Called per record, after its own bytes were found sound and before its commit's hash is known.
using ChainVisitor = std::function<void(const RecordView&)>;

// Every record of [from.head, end) decodes and is dense, the commits cover them without a gap, and
// each has the hash that follows from the one before. Both ends are ends of commits. Returns where
// the chain stands at the end. Throws LogError with the first offset that is wrong; of a commit
// whose hash differs that is its first event.
ChainHead check_chain(const Database& database, const ChainHead& from, Offset end,
                      const ChainVisitor& visit);

// The chain after the last commit that ends at or before that head, as the rows have it; nullopt if
// a row is there that is none.
std::optional<ChainHead> chain_at_or_before(const Database& database, Offset head);

}  // namespace runledger::eventlog
