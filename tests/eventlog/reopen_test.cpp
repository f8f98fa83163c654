// What an open finds: after a clean stop, after a kill with a torn end, after damage to the files.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <thread>

#include "eventlog/rocksdb_storage.h"
#include "eventlog/wal_check.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

// The fence stays where the open put it: it would rightly refuse to lose an acknowledged commit.
RocksDbOptions without_fence_writes() {
  RocksDbOptions options;
  options.fence_interval_ms = 3'600'000;
  options.fence_pause_ms = 3'600'000;
  return options;
}

std::uintmax_t wal_bytes(const fs::path& directory) {
  std::uintmax_t bytes = 0;
  for (const auto& wal : files_with(directory, ".log")) {
    std::error_code gone;
    const auto size = fs::file_size(wal, gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

// RocksDB numbers its files with six digits, and with seven from a million on.
TEST(Reopen, PutsFilesInTheOrderOfTheirNumbersWhateverTheirLengths) {
  TempDir directory;
  fs::create_directory(directory / "wals");
  History history(9);
  const fs::path log = directory / "log";
  for (const char* const name : {"999999.log", "1000000.log"}) {
    {
      RocksDbStorage storage(log, without_fence_writes());
      history.commit(storage, 5);
      copy_as_crashed(log, directory / "crashed");
    }
    fs::copy_file(newest_wal(directory / "crashed"), directory / "wals" / name);
  }
  EXPECT_NO_THROW(check_wals(directory / "wals"));
  fs::rename(directory / "wals/999999.log", directory / "wals/1000001.log");
  EXPECT_THROW(check_wals(directory / "wals"), RepeatedWal);
}

TEST(Reopen, ShowsEverythingAfterACleanStop) {
  TempDir directory;
  History history(1);
  for (int round = 0; round < 4; ++round) {
    RocksDbStorage storage(directory / "log");
    history.expect_complete(storage);
    history.commit(storage, 25);
  }
  history.expect_complete(RocksDbStorage(directory / "log"));
}

TEST(Reopen, HasNoWalToReplayAfterACleanStop) {
  TempDir directory;
  History history(2);
  {
    RocksDbStorage storage(directory / "log");
    history.commit(storage, 50);
  }
  EXPECT_EQ(wal_bytes(directory / "log"), 0u);
}

TEST(Reopen, HasNoRowsAfterAKillBehindTheirReset) {
  TempDir directory;
  RocksDbStorage storage(directory / "log");
  append_one(storage, "a", "1");
  const std::vector<RowChange> rows = {{"a", "1"}, {"b", "1"}};
  storage.commit_rows(rows, 1);
  storage.reset_rows();
  copy_as_crashed(directory / "log", directory / "copy");
  const RocksDbStorage copy(directory / "copy");
  EXPECT_EQ(read_rows(copy), RowMap());
  EXPECT_EQ(copy.rows_offset(), 0u);
  EXPECT_EQ(copy.log().head(), 1u);
}

TEST(Reopen, ShowsEverythingAfterAKill) {
  TempDir directory;
  History history(3);
  RocksDbStorage storage(directory / "log");
  history.commit(storage, 50);
  copy_as_crashed(directory / "log", directory / "copy");
  history.expect_complete(RocksDbStorage(directory / "copy"));
}

TEST(Reopen, LosesOnlyTheTornEndOfTheWal) {
  TempDir directory;
  History history(4);
  RocksDbStorage storage(directory / "log", without_fence_writes());
  history.commit(storage, 30);
  const auto before_last = fs::file_size(newest_wal(directory / "log"));
  history.commit(storage);
  const auto after_last = fs::file_size(newest_wal(directory / "log"));
  for (std::uintmax_t cut = 1; cut <= after_last - before_last; cut += 1 + cut / 4) {
    copy_as_crashed(directory / "log", directory / "copy");
    cut_end(newest_wal(directory / "copy"), cut);
    RocksDbStorage reopened(directory / "copy");
    history.expect_state_since(reopened, 30);
    EXPECT_LT(reopened.log().head(), storage.log().head());
  }
}

TEST(Reopen, LosesOnlyWhatWasCutFromTheWal) {
  TempDir directory;
  History history(5);
  RocksDbStorage storage(directory / "log", without_fence_writes());
  history.commit(storage, 40);
  const auto kept = fs::file_size(newest_wal(directory / "log"));
  history.commit(storage, 40);
  copy_as_crashed(directory / "log", directory / "copy");
  const auto wal = newest_wal(directory / "copy");
  cut_end(wal, fs::file_size(wal) - kept - 3);
  RocksDbStorage reopened(directory / "copy");
  history.expect_state_since(reopened, 40);
  EXPECT_LT(reopened.log().head(), storage.log().head());
}

TEST(Reopen, TakesAZeroFilledEndOfTheWal) {
  TempDir directory;
  History history(6);
  RocksDbStorage storage(directory / "log");
  history.commit(storage, 30);
  copy_as_crashed(directory / "log", directory / "copy");
  const auto wal = newest_wal(directory / "copy");
  fs::resize_file(wal, fs::file_size(wal) + 5000);
  history.expect_complete(RocksDbStorage(directory / "copy"));
}

TEST(Reopen, GoesOnAfterATornEnd) {
  TempDir directory;
  const auto log = directory / "log";
  RocksDbStorage storage(log, without_fence_writes());
  for (int i = 0; i < 3; ++i) append_one(storage, "a", std::to_string(i));
  copy_as_crashed(log, directory / "copy");
  cut_end(newest_wal(directory / "copy"), 1);
  {
    RocksDbStorage reopened(directory / "copy");
    EXPECT_EQ(append_one(reopened, "a", "again").first_offset, 2u);
  }
  const RocksDbStorage again(directory / "copy");
  EXPECT_EQ(read_all(again).at(2).payload, "again");
}

TEST(Reopen, KeepsRowsThatStandForLessThanTheLog) {
  TempDir directory;
  {
    RocksDbStorage storage(directory / "log");
    append_one(storage, "a", "1");
    storage.log().append(std::vector{item("a", 1, {event("2")})});
  }
  const RocksDbStorage storage(directory / "log");
  EXPECT_EQ(storage.log().head(), 2u);
  EXPECT_EQ(storage.rows_offset(), 1u);
}

TEST(Reopen, FindsAWalWithinTheLimit) {
  TempDir directory;
  RocksDbOptions options;
  options.wal_bytes_max = 256 * 1024;
  RocksDbStorage storage(directory / "log", options);
  // Many times the limit. Flushes run in the background, so the WAL may be over it for a while.
  for (int i = 0; i < 200; ++i) append_one(storage, "a", std::string(20'000, 'x'));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (wal_bytes(directory / "log") > 2 * options.wal_bytes_max) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
}

TEST(Reopen, RefusesADirectoryInUse) {
  TempDir directory;
  RocksDbStorage storage(directory / "log");
  EXPECT_THROW(RocksDbStorage(directory / "log"), LogError);
}

TEST(Reopen, RefusesALostCurrentFile) {
  TempDir directory;
  {
    RocksDbStorage storage(directory / "log");
    append_one(storage, "a", "1");
  }
  fs::remove(directory / "log/CURRENT");
  EXPECT_THROW(RocksDbStorage(directory / "log"), LogError);
}

TEST(Reopen, RefusesALostTableFile) {
  TempDir directory;
  {
    RocksDbStorage storage(directory / "log");
    append_one(storage, "a", "1");
  }
  fs::remove(files_with(directory / "log", ".sst").front());
  EXPECT_THROW(RocksDbStorage(directory / "log"), LogError);
}

TEST(Reopen, RefusesAPathThatIsAFile) {
  TempDir directory;
  std::ofstream(directory / "log") << "not a directory";
  EXPECT_THROW(RocksDbStorage(directory / "log"), LogError);
}

}  // namespace
}  // namespace runledger::eventlog::test
