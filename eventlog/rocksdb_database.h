// One RocksDB with the column families of the log. For the .cpp files of this folder: it includes
// RocksDB's headers. Thread-safe like rocksdb::DB.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/failure_latch.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::eventlog {

class Database {
 public:
  // kSalvage reads what lies before the first damaged place of a WAL, to tell where that is.
  enum class Mode { kReadWrite, kReadOnly, kSalvage };

  // Throws LogError. Read-write creates a database where there is none yet, and looks for damage in
  // the WAL before RocksDB changes anything; read-only leaves both to the caller. The latch, if
  // there is one, gets what fails in RocksDB's own threads.
  Database(const std::filesystem::path& directory, const RocksDbOptions& options, Mode mode,
           std::shared_ptr<FailureLatch> latch = nullptr);
  // Leaves the database as it is, open and unflushed, if the latch has failed.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* log() const { return handles_[1]; }      // offset -> record
  rocksdb::ColumnFamilyHandle* streams() const { return handles_[2]; }  // (stream, idx) -> offset
  rocksdb::ColumnFamilyHandle* rows() const { return handles_[3]; }
  rocksdb::ColumnFamilyHandle* meta() const { return handles_[4]; }
  rocksdb::ColumnFamilyHandle* commits() const { return handles_[5]; }      // last offset -> hash
  rocksdb::ColumnFamilyHandle* checkpoints() const { return handles_[6]; }  // last offset -> JSON

  // Moves what is in memory to table files, so that the next open has no WAL to replay. If that
  // fails, the WAL still has it, and the latch is told.
  void flush() { db_->Flush({}, handles_).PermitUncheckedError(); }
  // The same for what has no WAL: LogError unless the table files are durable.
  void flush_durably();

  const std::string& name() const { return name_; }  // the directory, for messages

 private:
  std::string name_;
  std::shared_ptr<FailureLatch> latch_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // in the order of column_families()
};

// "Log in PLACE: DOING failed: STATUS", and what to do if the disk is the cause.
std::string failure_text(const rocksdb::Status& status, std::string_view doing,
                         const std::string& place);

// Throws LogError with the place and the status (LogIoError if the disk failed), unless the status
// is OK.
void require_ok(const rocksdb::Status& status, std::string_view doing, const std::string& place,
                std::optional<Offset> offset = std::nullopt);

inline rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::string_view view(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace runledger::eventlog
