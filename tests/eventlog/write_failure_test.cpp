// A disk that fails while the log is written: the outcome is unknown, nothing is written after it,
// and a reopen has everything that was acknowledged.
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/faulty_file_system.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

class WriteFailure : public ::testing::Test {
 protected:
  WriteFailure() {
    RocksDbOptions options;
    options.env = world().env.get();
    options.on_failure = [this](const std::string& reason) {
      const std::scoped_lock lock(mutex_);
      told_.push_back(reason);
    };
    storage_ = std::make_unique<RocksDbStorage>(directory_ / "log", options);
    for (int i = 0; i < 5; ++i) append_one(*storage_, "a", std::to_string(i));
  }
  ~WriteFailure() override { disk().arm({}); }

  // A storage that has failed leaves its database open for good, so what that uses stays too.
  struct World {
    FaultState disk;
    std::unique_ptr<rocksdb::Env> env = make_faulty_env(disk);
  };
  static World& world() {
    static auto* const kept = new World();
    return *kept;
  }
  static FaultState& disk() { return world().disk; }

  static void fail_from_now_on(Operation operation, bool disk_full = false) {
    disk().arm({.operation = operation, .nth = 1, .lasting = true, .disk_full = disk_full});
  }

  AppendResult append(StreamIndex idx) {
    return storage_->commit(std::vector{item("a", idx, {event("later")})}, {}).at(0);
  }

  std::vector<std::string> told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
  }

  // At the sixth event: it is there or not, the first five are, and the log goes on.
  void expect_next_process_has_the_acknowledged() {
    storage_.reset();
    copy_as_crashed(directory_ / "log", directory_ / "copy");
    RocksDbStorage reopened(directory_ / "copy");
    EXPECT_GE(reopened.log().head(), 5u);
    EXPECT_LE(reopened.log().head(), 6u);
    for (Offset i = 0; i < 5; ++i) EXPECT_EQ(read_all(reopened).at(i).payload, std::to_string(i));
    append_one(reopened, "a", "after");
  }

  TempDir directory_;
  mutable std::mutex mutex_;
  std::vector<std::string> told_;
  std::unique_ptr<RocksDbStorage> storage_;
};

TEST_F(WriteFailure, OfASyncMakesTheOutcomeUnknown) {
  fail_from_now_on(Operation::kWalSync);
  const auto result = append(5);
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_NE(result.detail.find("injected: syncing"), std::string::npos) << result.detail;
  EXPECT_EQ(storage_->log().head(), 5u);
  expect_next_process_has_the_acknowledged();
  EXPECT_EQ(told(), std::vector{result.detail});
}

TEST_F(WriteFailure, OfAWriteMakesTheOutcomeUnknown) {
  fail_from_now_on(Operation::kWalAppend, true);
  const auto result = append(5);
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_NE(result.detail.find("make room"), std::string::npos) << result.detail;
  EXPECT_EQ(read_all(*storage_).size(), 5u);
  expect_next_process_has_the_acknowledged();
  EXPECT_EQ(told(), std::vector{result.detail});
}

TEST_F(WriteFailure, LetsNothingBeWrittenAfterIt) {
  fail_from_now_on(Operation::kWalSync);
  const auto first = append(5);
  disk().arm({});  // the disk works again, and counts from here
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
  for (int operation = 0; operation < kOperations; ++operation) {
    EXPECT_EQ(disk().count(static_cast<Operation>(operation)), 0) << operation;
  }
  EXPECT_EQ(told().size(), 1u);
}

// Nobody commits: RocksDB's own thread, which flushes, meets the full disk.
TEST_F(WriteFailure, InTheBackgroundIsToldAtOnce) {
  RocksDbOptions options;
  options.env = world().env.get();
  options.write_buffer_bytes = 64 * 1024;
  std::promise<std::string> told;
  options.on_failure = [&](const std::string& reason) {
    told.set_value(reason);
  };
  auto storage = std::make_unique<RocksDbStorage>(directory_ / "other", options);
  disk().arm({.operation = Operation::kTableAppend, .nth = 1, .disk_full = true});
  auto reason = told.get_future();
  Offset acknowledged = 0;
  AppendResult result;
  do {
    acknowledged = storage->log().head();
    const std::vector items = {item("a", acknowledged, {event(std::string(4000, '.'))})};
    result = storage->commit(items, {}).at(0);
  } while (result.status == AppendStatus::kAppended);
  EXPECT_EQ(result.status, AppendStatus::kUnknown);
  EXPECT_EQ(reason.get(), result.detail);
  EXPECT_NE(result.detail.find("flushing to a table file"), std::string::npos) << result.detail;
  EXPECT_NE(result.detail.find(".sst"), std::string::npos) << result.detail;
  EXPECT_EQ(read_all(*storage).size(), acknowledged) << "what is there can be read";
  storage.reset();
  copy_as_crashed(directory_ / "other", directory_ / "copy");
  EXPECT_EQ(RocksDbStorage(directory_ / "copy").log().head(), acknowledged);
}

TEST_F(WriteFailure, OfRowsAloneThrows) {
  fail_from_now_on(Operation::kWalSync);
  const std::vector<RowChange> rows = {{"row", "x"}};
  EXPECT_THROW(storage_->commit_rows(rows, 5), LogError);
  EXPECT_EQ(append(5).status, AppendStatus::kUnknown);
}

}  // namespace
}  // namespace runledger::eventlog::test
