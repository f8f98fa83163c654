// A backup has all that was acknowledged, is sound, and a restored directory is the same log.
#include "eventlog/backup.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <system_error>
#include <thread>

#include "eventlog/durable_file.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/mounted_file_system.h"
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

TEST_F(BackupTest, ReplacesAnOlderOneOfTheSameEvents) {
  commit(20);
  const Backup first = back_up(paths(), target());
  flip(files_with(first.directory / "log", ".sst").front(), 30, 1);
  const Backup second = back_up(paths(), target());
  EXPECT_EQ(second.directory, first.directory);
  EXPECT_FALSE(verify_log(second.directory / "log", {}).damage);
  EXPECT_EQ(std::distance(fs::directory_iterator(target()), {}), 1);
}

TEST_F(BackupTest, LeavesThatOfAnotherLogAlone) {
  const fs::path other = directory_ / "other";
  for (const fs::path& root : {data(), other}) {
    const DataDirectory directory(root);
    RocksDbStorage storage(directory.paths().log());
    append_one(storage, "a", root.filename());
  }
  const Backup first = back_up(paths(), target());
  EXPECT_THROW(back_up({.root = other}, target()), DataDirectoryError);
  EXPECT_EQ(verify_log(first.directory / "log", {}).chain, first.report.chain);
}

TEST_F(BackupTest, IsMadeByOneCallAtATime) {
  commit(3);
  fs::create_directory(target());
  {
    const auto other = open_file(target(), O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    EXPECT_THROW(back_up(paths(), target()), DataDirectoryError);
    EXPECT_TRUE(fs::is_empty(target()));
  }
  EXPECT_NO_THROW(back_up(paths(), target()));
}

TEST_F(BackupTest, IsNotKeptInTheDirectoryItIsOf) {
  commit(3);
  fs::create_directory_symlink(data(), directory_ / "elsewhere");
  for (const fs::path& within : {data(), data() / "log", directory_ / "elsewhere/backups"}) {
    EXPECT_THROW(back_up(paths(), within), DataDirectoryError) << within;
  }
  expect_history(data());
}

TEST_F(BackupTest, SaysThatTheDiskIsFullAndLeavesNothingOnIt) {
  {
    const DataDirectory directory(data());
    RocksDbStorage storage(directory.paths().log());
    std::string noise(4 * 1024 * 1024, '\0');
    std::mt19937 random(7);
    for (char& byte : noise) byte = static_cast<char>(random());
    append_one(storage, "a", noise);
  }
  const Backup made = back_up(paths(), target());
  const fs::path full = directory_ / "full";
  const auto mounted = MountedFileSystem::in_memory(full, 2 * 1024 * 1024);
  const auto expect_full = [&](const std::function<void()>& write) {
    try {
      write();
      ADD_FAILURE() << "it was not full";
    } catch (const std::system_error& failed) {
      EXPECT_EQ(failed.code(), std::errc::no_space_on_device) << failed.what();
    }
    EXPECT_TRUE(fs::is_empty(full));
  };
  expect_full([&] { back_up(paths(), full); });
  expect_full([&] { restore(made.directory, full / "new"); });
}

// As a kill leaves it.
TEST_F(BackupTest, RestoresBesideWhatAnEndedRestoreHasLeft) {
  commit(20);
  const Backup made = back_up(paths(), target());
  const fs::path left = directory_ / ".new.unfinished-a1b2c3";
  const fs::path in_use = directory_ / ".new.unfinished-d4e5f6";
  fs::create_directories(left / "log");
  fs::create_directories(in_use / "log");
  const auto lock = open_file(in_use, O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  restore(made.directory, directory_ / "new");
  expect_history(directory_ / "new");
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(in_use));
}

TEST_F(BackupTest, IsRestoredAsAWholeOrNotAtAll) {
  commit(20);
  const Backup made = back_up(paths(), target());
  fs::remove(made.directory / "log.fence");
  EXPECT_THROW(restore(made.directory, directory_ / "new"), LogError);
  std::ofstream(directory_ / "file") << "x";
  EXPECT_THROW(restore(made.directory, directory_ / "file"), DataDirectoryError);
  EXPECT_THROW(restore(made.directory, directory_ / "none/new"), DataDirectoryError);
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    EXPECT_FALSE(entry.path().filename().string().find("new") != std::string::npos) << entry.path();
  }
}

TEST_F(BackupTest, IsNotRestoredOverALog) {
  commit(5);
  const Backup made = back_up(paths(), target());
  EXPECT_THROW(restore(made.directory, data()), DataDirectoryError);
  expect_history(data());
}

}  // namespace
}  // namespace runledger::eventlog::test
