// A disk that fails while the log is written: the outcome is unknown, nothing is written after it,
// and a reopen has everything that was acknowledged.
#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

struct Fault {
  std::atomic<bool> fail_sync = false;
  std::atomic<bool> fail_append = false;
  std::atomic<int> wal_appends = 0;
};

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<rocksdb::FSWritableFile> file, Fault& fault)
      : FSWritableFileOwnerWrapper(std::move(file)), fault_(fault) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    ++fault_.wal_appends;
    if (fault_.fail_append) return rocksdb::IOStatus::NoSpace("injected: no space");
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }

  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    if (fault_.fail_sync) return rocksdb::IOStatus::IOError("injected: sync failed");
    return FSWritableFileOwnerWrapper::Sync(options, context);
  }

 private:
  Fault& fault_;
};

class FailingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FailingFileSystem(Fault& fault)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(fault) {}

  const char* Name() const override { return "FailingFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    const auto status = FileSystemWrapper::NewWritableFile(name, options, result, context);
    if (status.ok() && name.ends_with(".log")) {
      *result = std::make_unique<FailingFile>(std::move(*result), fault_);
    }
    return status;
  }

 private:
  Fault& fault_;
};

class WriteFailure : public ::testing::Test {
 protected:
  WriteFailure() {
    RocksDbOptions options;
    options.env = env_.get();
    storage_ = std::make_unique<RocksDbStorage>(directory_ / "log", options);
    for (int i = 0; i < 5; ++i) append_one(*storage_, "a", std::to_string(i));
  }

  AppendResult append(StreamIndex idx) {
    return storage_->commit(std::vector{item("a", idx, {event("later")})}, {}).at(0);
  }

  // At the sixth event: it is there or not, the first five are, and the log goes on.
  void expect_reopen_has_the_acknowledged() {
    storage_.reset();
    RocksDbStorage reopened(directory_ / "log");
    EXPECT_GE(reopened.log().head(), 5u);
    EXPECT_LE(reopened.log().head(), 6u);
    for (Offset i = 0; i < 5; ++i) EXPECT_EQ(read_all(reopened).at(i).payload, std::to_string(i));
    append_one(reopened, "a", "after");
  }

  TempDir directory_;
  Fault fault_;
  std::unique_ptr<rocksdb::Env> env_ =
      rocksdb::NewCompositeEnv(std::make_shared<FailingFileSystem>(fault_));
  std::unique_ptr<RocksDbStorage> storage_;
};

TEST_F(WriteFailure, OfASyncMakesTheOutcomeUnknown) {
  fault_.fail_sync = true;
  const auto result = append(5);
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_NE(result.detail.find("injected: sync failed"), std::string::npos) << result.detail;
  EXPECT_EQ(storage_->log().head(), 5u);
  expect_reopen_has_the_acknowledged();
}

TEST_F(WriteFailure, OfAWriteMakesTheOutcomeUnknown) {
  fault_.fail_append = true;
  const auto result = append(5);
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_NE(result.detail.find("no space"), std::string::npos) << result.detail;
  EXPECT_EQ(read_all(*storage_).size(), 5u);
  expect_reopen_has_the_acknowledged();
}

TEST_F(WriteFailure, LetsNothingBeWrittenAfterIt) {
  fault_.fail_sync = true;
  const auto first = append(5);
  fault_.fail_sync = false;
  const int appends = fault_.wal_appends;
  const std::vector<RowChange> rows = {{"row", "x"}};
  const std::vector items = {item("b", 0, {event("1")}), item("a", 99, {event("2")})};
  for (const auto& result : storage_->commit(items, rows)) {
    EXPECT_EQ(result.status, AppendStatus::kUnknown);
    EXPECT_EQ(result.detail, first.detail);
  }
  EXPECT_EQ(append(5).detail, first.detail);
  EXPECT_THROW(storage_->commit_rows(rows, 5), LogError);
  EXPECT_THROW(storage_->commit({}, rows), LogError);
  storage_.reset();
  EXPECT_EQ(fault_.wal_appends, appends);
}

TEST_F(WriteFailure, OfRowsAloneThrows) {
  fault_.fail_sync = true;
  const std::vector<RowChange> rows = {{"row", "x"}};
  EXPECT_THROW(storage_->commit_rows(rows, 5), LogError);
  EXPECT_EQ(append(5).status, AppendStatus::kUnknown);
}

}  // namespace
}  // namespace runledger::eventlog::test
