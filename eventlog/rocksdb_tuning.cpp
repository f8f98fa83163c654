#include "eventlog/rocksdb_tuning.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace runledger::eventlog {
namespace {

constexpr int kBackgroundJobsMax = 2;
constexpr double kBloomBitsPerKey = 10;
constexpr std::size_t kBlockBytes = 16 * 1024;
// The events of one run lie scattered, each in another block: small blocks and LZ4 halve the time
// in which 30 of them are read (see README.md), and cost disk space.
constexpr std::size_t kRecordBlockBytes = 8 * 1024;
constexpr int kRecordRestartInterval = 4;
constexpr std::uint64_t kSyncEveryBytes = 1024 * 1024;

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = kBlockBytes;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.format_version = 5;
  return table;
}

// Looked up by offsets that exist, in files whose ranges do not overlap: no filter could spare a
// read.
rocksdb::BlockBasedTableOptions record_table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  auto table = table_options(cache);
  table.block_size = kRecordBlockBytes;
  table.block_restart_interval = kRecordRestartInterval;
  table.filter_policy.reset();
  return table;
}

rocksdb::ColumnFamilyOptions family_options(const RocksDbOptions& options,
                                            const rocksdb::BlockBasedTableOptions& table) {
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.write_buffer_size = options.write_buffer_bytes;
  family.compression = rocksdb::kLZ4Compression;
  return family;
}

}  // namespace

rocksdb::DBOptions database_options(const RocksDbOptions& options) {
  rocksdb::DBOptions db;
  if (options.env != nullptr) db.env = options.env;
  // The default mode silently drops what follows a damaged place; this one refuses to open.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.max_total_wal_size = options.wal_bytes_max;
  // Log, index, rows and position reach the table files together, so a lost WAL cannot part them.
  db.atomic_flush = true;
  // After the first failed write nothing is tried again: only a reopen tells what is there.
  db.max_bgerror_resume_count = 0;
  db.max_open_files = options.open_files_max;
  db.max_background_jobs = kBackgroundJobsMax;
  db.bytes_per_sync = kSyncEveryBytes;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const auto records = family_options(options, record_table_options(cache));
  const auto small = family_options(options, table_options(cache));
  return {{rocksdb::kDefaultColumnFamilyName, small},
          {"log", records},
          {"streams", small},
          {"rows", small},
          {"meta", small},
          {"commits", small},
          {"checkpoints", small}};
}

}  // namespace runledger::eventlog
