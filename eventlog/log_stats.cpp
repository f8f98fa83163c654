#include "eventlog/log_stats.h"

#include <memory>

#include "eventlog/open_check.h"
#include "eventlog/read_only_database.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

std::uint64_t count(const Database& database, rocksdb::ColumnFamilyHandle* family) {
  std::uint64_t rows = 0;
  const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator({}, family));
  for (it->SeekToFirst(); it->Valid(); it->Next()) ++rows;
  require_ok(it->status(), "counting rows", database.name());
  return rows;
}

}  // namespace

LogStats log_stats(const fs::path& log_directory) {
  const RocksDbOptions options;
  const auto database = open_stable(log_directory, options);
  LogStats stats;
  stats.chain = check_tail(*database, options.tail_checked_records).chain;
  stats.checkpoints = count(*database, database->checkpoints());
  for (auto* family : {database->log(), database->streams(), database->rows(), database->meta(),
                       database->commits(), database->checkpoints()}) {
    std::uint64_t bytes = 0;
    database->db().GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes);
    stats.table_bytes[family->GetName()] = bytes;
  }
  std::error_code gone;  // a server deletes files meanwhile
  for (const auto& entry : fs::directory_iterator(log_directory)) {
    const auto bytes = entry.file_size(gone);
    if (gone) continue;
    stats.bytes += bytes;
    if (entry.path().extension() == ".log") stats.wal_bytes += bytes;
  }
  return stats;
}

}  // namespace runledger::eventlog
