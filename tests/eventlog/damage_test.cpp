// Bytes flipped in the files of a log, at places drawn from a seed: the open or the read refuses,
// or everything is there as it was. Nothing in between.
#include <gtest/gtest.h>

#include <memory>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

// A database, its history, and copies of it that get damaged.
class Damage : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSeed = 20240607;

  fs::path original() const { return directory_ / "log"; }
  fs::path copy() const { return directory_ / "copy"; }

  void open() { storage_ = std::make_unique<RocksDbStorage>(original()); }
  void close() { storage_.reset(); }
  void commit(int times) { history_.commit(*storage_, times); }

  // The copy opens and reads as the history, or LogError says why not.
  void expect_refused_or_intact() {
    try {
      const RocksDbStorage storage(copy());
      history_.expect_complete(storage);
      ++intact_;
    } catch (const LogError& error) {
      EXPECT_STRNE(error.what(), "");
      ++refused_;
    }
  }

  // Each time in a fresh copy: one byte of the named file, below the limit, changed at random.
  void flip_at_random(const std::string& name, std::uintmax_t limit, int times) {
    for (int i = 0; i < times; ++i) {
      const auto at = random_() % limit;
      const auto mask =
          static_cast<unsigned char>(i % 2 == 0 ? 1 << random_() % 8 : 1 + random_() % 255);
      SCOPED_TRACE(name + " byte " + std::to_string(at) + " mask " + std::to_string(mask));
      copy_as_crashed(original(), copy());
      flip(copy() / name, at, mask);
      expect_refused_or_intact();
      if (HasFailure()) return;
    }
  }

  std::mt19937_64 random_{kSeed};
  History history_{kSeed};
  int intact_ = 0;
  int refused_ = 0;

 private:
  TempDir directory_;
  std::unique_ptr<RocksDbStorage> storage_;
};

TEST_F(Damage, InTheWalIsNeverTakenForItsEnd) {
  open();
  commit(200);
  const auto wal = newest_wal(original());
  const auto limit = fs::file_size(wal);
  commit(1);  // A flip in the last commit looks like a torn end; the ones before must not.
  ASSERT_GT(limit, 3u * 32 * 1024);
  flip_at_random(wal.filename().string(), limit, 120);
  EXPECT_EQ(refused_, 120);
}

// The last block of a WAL, where RocksDB is most ready to see a torn end.
TEST_F(Damage, InTheLastBlockOfTheWalIsRefused) {
  open();
  commit(12);
  const auto wal = newest_wal(original());
  const auto limit = fs::file_size(wal);
  commit(1);
  ASSERT_LT(fs::file_size(wal), 32u * 1024);
  flip_at_random(wal.filename().string(), limit, 120);
  EXPECT_EQ(refused_, 120);
}

// Every bit of the length and the type of a WAL's first fragment.
TEST_F(Damage, OfAFragmentHeaderIsRefused) {
  open();
  commit(8);
  const auto wal = newest_wal(original());
  commit(1);
  for (std::uintmax_t bit = 0; bit < 24; ++bit) {
    const auto at = 4 + bit / 8;
    SCOPED_TRACE("byte " + std::to_string(at) + " bit " + std::to_string(bit % 8));
    copy_as_crashed(original(), copy());
    flip(copy() / wal.filename(), at, static_cast<unsigned char>(1 << bit % 8));
    EXPECT_THROW(RocksDbStorage{copy()}, LogError);
  }
}

TEST_F(Damage, InATableFileIsNeverQuietlyDifferent) {
  open();
  commit(150);
  close();
  open();
  commit(150);
  close();
  for (const auto& table : files_with(original(), ".sst")) {
    flip_at_random(table.filename().string(), fs::file_size(table), 20);
  }
  EXPECT_GT(refused_, intact_);
}

TEST_F(Damage, InTheManifestIsNeverQuietlyDifferent) {
  open();
  commit(50);
  close();
  open();
  commit(50);
  const auto manifest = files_with(original(), "MANIFEST").back();
  const auto limit = fs::file_size(manifest);
  close();
  flip_at_random(manifest.filename().string(), limit, 60);
  EXPECT_GT(refused_, 0);
}

TEST_F(Damage, OfTheFileCurrentIsRefused) {
  open();
  commit(5);
  close();
  for (const std::uintmax_t kept : {0, 3, 9}) {
    copy_as_crashed(original(), copy());
    fs::resize_file(copy() / "CURRENT", kept);
    EXPECT_THROW(RocksDbStorage{copy()}, LogError) << kept;
  }
}

}  // namespace
}  // namespace runledger::eventlog::test
