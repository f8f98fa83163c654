// How RocksDB is set up for this log. For the .cpp files of this folder.
#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "eventlog/rocksdb_storage.h"

namespace runledger::eventlog {

rocksdb::DBOptions database_options(const RocksDbOptions& options);

// default (unused, RocksDB insists on it), log, streams, rows, meta, commits, checkpoints.
// Persisted names: never change.
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options);

}  // namespace runledger::eventlog
