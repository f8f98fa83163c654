// A backup has all that was acknowledged, is sound, and a restored directory is the same log.
#include "eventlog/backup.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

class BackupTest : public ::testing::Test {
 protected:
  fs::path data() const { return directory_ / "data"; }
  fs::path target() const { return directory_ / "backups"; }
  DataPaths paths() const { return {.root = data()}; }

  // Small files, so that there are many of them and they change all the time.
  static RocksDbOptions small() {
    RocksDbOptions options;
    options.write_buffer_bytes = 64 * 1024;
    options.wal_bytes_max = 128 * 1024;
    return options;
  }

  void commit(int times) {
    const DataDirectory directory(data());
    RocksDbStorage storage(directory.paths().log());
    history_.commit(storage, times);
  }

  void expect_history(const fs::path& root) const {
    history_.expect_complete(RocksDbStorage(DataPaths{.root = root}.log()));
  }

  TempDir directory_;
  History history_{5};
};

TEST_F(BackupTest, CanBeRestored) {
  commit(40);
  const Backup made = back_up(paths(), target());
  EXPECT_EQ(made.directory, target() / ("backup-" + std::to_string(made.report.chain.head)));
  fs::remove_all(data());
  const VerifyReport restored = restore(made.directory, data());
  EXPECT_EQ(restored.chain, made.report.chain);
  expect_history(data());
  commit(5);
  expect_history(data());
}

TEST_F(BackupTest, HasNoKey) {
  commit(3);
  const Backup made = back_up(paths(), target());
  EXPECT_FALSE(fs::exists(made.directory / "log.key"));
  EXPECT_TRUE(fs::exists(made.directory / "log.fence"));
}

TEST_F(BackupTest, SharesTableFilesWithTheOneBefore) {
  commit(60);
  const Backup first = back_up(paths(), target());
  commit(1);
  const Backup second = back_up(paths(), target());
  EXPECT_NE(first.directory, second.directory);
  std::uintmax_t shared = 0;
  for (const auto& table : files_with(second.directory / "log", ".sst")) {
    shared += fs::hard_link_count(table) > 1 ? 1 : 0;
  }
  EXPECT_GT(shared, 0u);
  EXPECT_FALSE(verify_log(first.directory / "log", {}).damage);
}

TEST_F(BackupTest, OfARunningServerHasAllThatWasAcknowledged) {
  const DataDirectory directory(data());
  RocksDbStorage storage(directory.paths().log(), small());
  append_one(storage, "a", "x");
  std::jthread appending([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) append_one(storage, "a", std::string(3000, 'x'));
  });
  for (int i = 0; i < 5; ++i) {
    const Offset before = storage.log().head();
    const Backup made = back_up(paths(), target());
    EXPECT_GE(made.report.chain.head, before);
    const RocksDbStorage copy(made.directory / "log");
    EXPECT_EQ(copy.chain(), made.report.chain);
  }
}

TEST_F(BackupTest, OfADamagedLogIsRefused) {
  commit(20);
  flip(files_with(data() / "log", ".sst").front(), 30, 1);
  EXPECT_THROW(back_up(paths(), target()), LogError);
  EXPECT_TRUE(fs::is_empty(target()));
}

TEST_F(BackupTest, ThatIsDamagedIsNotRestored) {
  commit(20);
  const Backup made = back_up(paths(), target());
  flip(files_with(made.directory / "log", ".sst").front(), 30, 1);
  EXPECT_THROW(restore(made.directory, directory_ / "new"), LogError);
  EXPECT_FALSE(fs::exists(directory_ / "new"));
}

TEST_F(BackupTest, IsNotRestoredOverALog) {
  commit(5);
  const Backup made = back_up(paths(), target());
  EXPECT_THROW(restore(made.directory, data()), DataDirectoryError);
  expect_history(data());
}

}  // namespace
}  // namespace runledger::eventlog::test
