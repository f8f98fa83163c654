// RocksDB takes some damage in the middle of a WAL or MANIFEST file for its torn end and drops what
// follows without a word: a fragment's type flipped to an unused one, a length flipped in the last
// block. This check reads the files themselves before RocksDB does.
#pragma once

#include <filesystem>

namespace runledger::eventlog {

// Throws LogError, naming file and byte, if a place that cannot be read is followed by the start of
// another whole batch: batches are synced one by one, so the one before was acknowledged. A torn
// end passes. A file that disappears meanwhile is skipped; a missing directory has nothing to
// check.
void check_wals(const std::filesystem::path& directory);

}  // namespace runledger::eventlog
