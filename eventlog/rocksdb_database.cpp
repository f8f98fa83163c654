#include "eventlog/rocksdb_database.h"

#include "eventlog/rocksdb_tuning.h"
#include "eventlog/wal_check.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

// Without its file CURRENT RocksDB would take a database for a new one and start from nothing.
void require_not_headless(const fs::path& directory) {
  if (!fs::is_directory(directory) || fs::exists(directory / "CURRENT")) return;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto kind = entry.path().extension();
    if ((kind == ".sst" || kind == ".log") && entry.file_size() > 0) {
      throw LogError("The log in " + directory.string() + " has lost its file CURRENT, but " +
                     entry.path().filename().string() + " is there; restore it from a backup");
    }
  }
}

}  // namespace

Database::Database(const fs::path& directory, const RocksDbOptions& options, Mode mode)
    : name_(directory.string()) {
  auto db_options = database_options(options);
  const auto families = column_families(options);
  rocksdb::DB* opened = nullptr;
  if (mode == Mode::kSalvage) {
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  }
  if (mode != Mode::kReadWrite) {
    // All files are opened at once: those that a server deletes meanwhile stay readable.
    db_options.max_open_files = -1;
    require_ok(rocksdb::DB::OpenForReadOnly(db_options, name_, families, &handles_, &opened, false),
               "opening for reading", name_);
  } else {
    require_not_headless(directory);
    check_wals(directory);
    db_options.create_if_missing = true;
    db_options.create_missing_column_families = true;
    require_ok(rocksdb::DB::Open(db_options, name_, families, &handles_, &opened), "opening",
               name_);
  }
  db_.reset(opened);
}

Database::~Database() {
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

void require_ok(const rocksdb::Status& status, std::string_view doing, const std::string& place,
                std::optional<Offset> offset) {
  if (status.ok()) return;
  throw LogError("Log in " + place + ": " + std::string(doing) + " failed: " + status.ToString(),
                 offset);
}

}  // namespace runledger::eventlog
