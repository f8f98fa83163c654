// Opening a log's database for reading while a server may be writing it. For the .cpp files of this
// folder.
#pragma once

#include <filesystem>
#include <memory>

#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

// The database as it is at some moment during the call, all that was acknowledged before it
// included. Throws what check_wals() throws, and LogError if it cannot be opened, or its files keep
// changing too fast.
std::unique_ptr<Database> open_stable(const std::filesystem::path& directory,
                                      const RocksDbOptions& options);

}  // namespace runledger::eventlog
