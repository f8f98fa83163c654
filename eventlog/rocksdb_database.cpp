#include "eventlog/rocksdb_database.h"

#include <rocksdb/listener.h>

#include <mutex>

#include "eventlog/info_log.h"
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

// A file that is missing is damage.
bool is_disk_failure(const rocksdb::Status& status) {
  return status.IsIOError() && !status.IsPathNotFound();
}

std::string_view to_text(rocksdb::BackgroundErrorReason reason) {
  using Reason = rocksdb::BackgroundErrorReason;
  switch (reason) {
    case Reason::kFlush:
    case Reason::kFlushNoWAL:
      return "flushing to a table file";
    case Reason::kCompaction:
      return "merging table files";
    case Reason::kWriteCallback:
    case Reason::kMemTable:
      return "writing a commit";
    case Reason::kManifestWrite:
    case Reason::kManifestWriteNoWAL:
      return "writing the MANIFEST";
  }
  return "background work";
}

// RocksDB would go on serving reads, and tell only the next commit.
class FailureListener final : public rocksdb::EventListener {
 public:
  FailureListener(std::string place, std::shared_ptr<FailureLatch> latch)
      : place_(std::move(place)), latch_(std::move(latch)) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    latch_->fail(failure_text(*error, to_text(reason), place_));
  }

 private:
  std::string place_;
  std::shared_ptr<FailureLatch> latch_;
};

// Closing a database after a failed write would write, and run code that hardly anybody has tried.
// Kept here it stays reachable, and its threads may go on using it until the process ends.
void abandon(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> handles) {
  struct Abandoned {
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
  };
  static std::mutex mutex;
  static auto* const all = new std::vector<Abandoned>();
  const std::scoped_lock lock(mutex);
  all->push_back({std::move(db), std::move(handles)});
}

}  // namespace

Database::Database(const fs::path& directory, const RocksDbOptions& options, Mode mode,
                   std::shared_ptr<FailureLatch> latch)
    : name_(directory.string()), latch_(std::move(latch)) {
  auto db_options = database_options(options);
  if (latch_) db_options.listeners.push_back(std::make_shared<FailureListener>(name_, latch_));
  const auto families = column_families(options);
  rocksdb::DB* opened = nullptr;
  if (mode == Mode::kSalvage) {
    db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  }
  db_options.info_log = mode == Mode::kReadWrite ? make_info_log(directory) : make_silent_log();
  if (mode != Mode::kReadWrite) {
    // All files are opened at once: those that a server deletes meanwhile stay readable.
    db_options.max_open_files = -1;
    require_ok(rocksdb::DB::OpenForReadOnly(db_options, name_, families, &handles_, &opened, false),
               "opening for reading", name_);
  } else {
    require_not_headless(directory);
    // All that comes before its end has been found to be sound, and nothing comes behind it.
    if (check_wals(directory)) {
      db_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    }
    db_options.create_if_missing = true;
    db_options.create_missing_column_families = true;
    require_ok(rocksdb::DB::Open(db_options, name_, families, &handles_, &opened), "opening",
               name_);
  }
  db_.reset(opened);
}

Database::~Database() {
  if (latch_ && latch_->failed()) {
    abandon(std::move(db_), std::move(handles_));
    return;
  }
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

std::string failure_text(const rocksdb::Status& status, std::string_view doing,
                         const std::string& place) {
  const std::string text =
      "Log in " + place + ": " + std::string(doing) + " failed: " + status.ToString();
  return is_disk_failure(status) ? text + way_out_of_failure(status.IsNoSpace()) : text;
}

void Database::flush_durably() {
  require_ok(db_->Flush({}, handles_), "flushing", name_);
}

void require_ok(const rocksdb::Status& status, std::string_view doing, const std::string& place,
                std::optional<Offset> offset) {
  if (status.ok()) return;
  const std::string text = failure_text(status, doing, place);
  if (is_disk_failure(status)) throw LogIoError(text);
  throw LogError(text, offset);
}

}  // namespace runledger::eventlog
