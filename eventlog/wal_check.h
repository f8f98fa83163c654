// RocksDB takes some damage in the middle of a WAL or MANIFEST file for its torn end and drops what
// follows without a word: a fragment's type flipped to an unused one, a length flipped in the last
// block. This check reads the files themselves before RocksDB does.
#pragma once

#include <filesystem>

#include "eventlog/event_log.h"

namespace runledger::eventlog {

// A WAL has batches that an earlier one has, or should be earlier than that. RocksDB ends the
// process in an assertion when it is given such files.
class RepeatedWal : public LogError {
 public:
  using LogError::LogError;
};

// Throws LogError, naming file and byte, if a place that cannot be read is followed by the start of
// another whole batch: batches are synced one by one, so the one before was acknowledged; or if the
// last batch is all there and its checksum is wrong; RepeatedWal, see there. A torn end passes.
// True: the newest WAL ends in a batch that a power cut left with its full length and with sectors
// that were never written, which RocksDB refuses unless it is told to stop there. A file that
// disappears meanwhile is skipped; a missing directory has nothing to check.
bool check_wals(const std::filesystem::path& directory);

}  // namespace runledger::eventlog
