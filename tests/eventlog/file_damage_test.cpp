// Every kind of file of a log, damaged in every way at places drawn from a seed. The log is then
// intact, or ends at a commit at or behind the fence, or is refused; never quietly different. A
// verification agrees.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "eventlog/fence.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/verify.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 20251107;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void replace_content(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// What can happen to the bytes of a file. Lengths are drawn small and large.
enum class Way { kFlip, kCut, kDelete, kDuplicate, kSwap, kZero, kGarbage };
constexpr int kWays = 7;

std::string damaged(std::string bytes, Way way, std::mt19937_64& random) {
  const std::size_t at = random() % bytes.size();
  const std::size_t length = std::min(bytes.size() - at, 1 + random() % (random() % 2 ? 16 : 5000));
  switch (way) {
    case Way::kFlip:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
      break;
    case Way::kCut:
      bytes.resize(random() % 2 ? at : bytes.size() - length);
      break;
    case Way::kDelete:
      bytes.erase(at, length);
      break;
    case Way::kDuplicate:
      bytes.insert(at, bytes.substr(at, length));
      break;
    case Way::kSwap: {
      const std::size_t other = random() % (bytes.size() - length + 1);
      const std::string part = bytes.substr(at, length);
      bytes.replace(at, length, bytes.substr(other, length));
      bytes.replace(other, length, part);
      break;
    }
    case Way::kZero:
      bytes.replace(at, length, length, '\0');
      break;
    case Way::kGarbage:
      for (std::size_t i = at; i < at + length; ++i) bytes[i] = static_cast<char>(random());
      break;
  }
  return bytes;
}

class FileDamage : public ::testing::Test {
 protected:
  // Table files from two flushes, a WAL with commits behind them. The fence stands at the end of
  // the log, or is older than that many commits.
  void make(int commits_behind_fence) {
    for (int round = 0; round < 2; ++round) {
      const RocksDbOptions options = fence_every(3'600'000);
      RocksDbStorage storage(live(), options);
      history_.commit(storage, 60);
    }
    RocksDbStorage storage(live(), fence_every(3'600'000));
    history_.commit(storage, 60);
    write_fence(fence_file(live()), storage.chain());
    fenced_commits_ = history_.commits();
    history_.commit(storage, commits_behind_fence);
    chain_ = storage.chain();
    copy_as_crashed(live(), original());
  }

  static RocksDbOptions fence_every(std::uint32_t interval_ms) {
    RocksDbOptions options;
    options.fence_interval_ms = interval_ms;
    options.fence_pause_ms = interval_ms;
    return options;
  }

  fs::path live() const { return directory_ / "log"; }
  fs::path original() const { return directory_ / "original"; }
  fs::path copy() const { return directory_ / "copy"; }

  void refresh_copy() { copy_as_crashed(original(), copy()); }

  // The copy after it was damaged.
  void expect_never_quietly_different() {
    const VerifyReport report = verify_log(copy(), {});
    const bool sound = !report.damage;
    try {
      const RocksDbStorage storage(copy());
      history_.expect_state_since(storage, fenced_commits_);
      storage.log().head() == chain_.head ? ++intact_ : ++cut_;
      // The rows, which a verification does not see, may be what was damaged.
      if (sound) {
        EXPECT_EQ(report.chain, storage.chain());
      }
    } catch (const LogError& error) {
      EXPECT_STRNE(error.what(), "");
      ++refused_;
    }
  }

  // Each file also, or only, under numbers that another file of its kind could have.
  void renumber(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
      for (const int step : {-1, 1, 2, 100}) {
        for (const bool keeps_its_own : {true, false}) {
          const fs::path other = renumbered(file.filename().string(), step);
          SCOPED_TRACE(file.filename().string() + (keeps_its_own ? " also as " : " only as ") +
                       other.string());
          refresh_copy();
          fs::copy_file(copy() / file.filename(), copy() / other,
                        fs::copy_options::overwrite_existing);
          if (!keeps_its_own) fs::remove(copy() / file.filename());
          expect_never_quietly_different();
          if (HasFailure()) return;
        }
      }
    }
  }

  static std::string renumbered(const std::string& name, int step) {
    const std::size_t digits = name.find_first_of("0123456789");
    std::string number = std::to_string(std::stoi(name.substr(digits, 6)) + step);
    number.insert(0, 6 - number.size(), '0');
    return name.substr(0, digits) + number + name.substr(digits + 6);
  }

  void damage_bytes(const std::vector<fs::path>& files, int times) {
    for (const fs::path& file : files) {
      for (int i = 0; i < times; ++i) {
        const auto way = static_cast<Way>(i % kWays);
        SCOPED_TRACE(file.filename().string() + " way " + std::to_string(i % kWays) + " round " +
                     std::to_string(i));
        refresh_copy();
        const fs::path target = copy() / file.filename();
        const std::string before = content_of(target);
        if (before.empty()) continue;
        replace_content(target, damaged(before, way, random_));
        expect_never_quietly_different();
        if (HasFailure()) return;
      }
    }
  }

  // Each file removed, emptied, and replaced by each other of its kind.
  void damage_whole_files(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
      SCOPED_TRACE(file.filename().string());
      const fs::path target = copy() / file.filename();
      refresh_copy();
      fs::remove(target);
      expect_never_quietly_different();
      refresh_copy();
      fs::resize_file(target, 0);
      expect_never_quietly_different();
      for (const fs::path& other : files) {
        if (other == file) continue;
        refresh_copy();
        fs::copy_file(other, target, fs::copy_options::overwrite_existing);
        expect_never_quietly_different();
        if (HasFailure()) return;
      }
    }
  }

  void TearDown() override {
    std::cout << intact_ << " intact, " << cut_ << " cut behind the fence, " << refused_
              << " refused\n";
  }

  TempDir directory_;
  std::mt19937_64 random_{kSeed};
  History history_{kSeed};
  ChainHead chain_;
  std::size_t fenced_commits_ = 0;
  int intact_ = 0;
  int cut_ = 0;
  int refused_ = 0;
};

TEST_F(FileDamage, OfNothingIsIntact) {
  make(0);
  refresh_copy();
  expect_never_quietly_different();
  EXPECT_EQ(intact_, 1);
}

TEST_F(FileDamage, OfAWalBelowTheFenceIsRefused) {
  make(0);
  damage_bytes({newest_wal(original())}, 20 * kWays);
  damage_whole_files(files_with(original(), ".log"));
  EXPECT_EQ(cut_, 0);
  EXPECT_GT(refused_, 19 * kWays);
}

TEST_F(FileDamage, OfAWalBeyondTheFenceLosesNothingBelowIt) {
  make(20);
  damage_bytes({newest_wal(original())}, 20 * kWays);
  damage_whole_files(files_with(original(), ".log"));
  EXPECT_GT(refused_, cut_);
}

TEST_F(FileDamage, OfATableFileIsNeverQuietlyDifferent) {
  make(0);
  const auto tables = files_with(original(), ".sst");
  ASSERT_GT(tables.size(), 4u);
  damage_bytes(tables, kWays);
  EXPECT_EQ(cut_, 0);
  EXPECT_GT(refused_, intact_);
}

TEST_F(FileDamage, OfWholeTableFilesIsNeverQuietlyDifferent) {
  make(0);
  damage_whole_files(files_with(original(), ".sst"));
  EXPECT_EQ(cut_, 0);
  EXPECT_EQ(intact_, 0);
}

TEST_F(FileDamage, OfTheManifestIsNeverQuietlyDifferent) {
  make(0);
  damage_bytes(files_with(original(), "MANIFEST"), 20 * kWays);
  damage_whole_files(files_with(original(), "MANIFEST"));
  EXPECT_EQ(cut_, 0);
  EXPECT_GT(refused_, intact_);
}

TEST_F(FileDamage, OfTheFileCurrentIsNeverQuietlyDifferent) {
  make(0);
  damage_bytes({original() / "CURRENT"}, 4 * kWays);
  damage_whole_files({original() / "CURRENT"});
  EXPECT_EQ(cut_, 0);
}

TEST_F(FileDamage, OfNumbersIsNeverQuietlyDifferent) {
  make(0);
  for (const std::string kind : {".log", ".sst", "MANIFEST"}) {
    renumber(files_with(original(), kind));
  }
  EXPECT_EQ(cut_, 0);
  EXPECT_GT(refused_, 0);
}

// The WAL as it was some commits ago, before, in place of, and behind the one of now.
TEST_F(FileDamage, OfAnOlderWalIsNeverQuietlyDifferent) {
  make(0);
  const fs::path older = directory_ / "older";
  {
    RocksDbStorage storage(original(), fence_every(3'600'000));
    history_.commit(storage, 20);
    copy_as_crashed(original(), older);
    history_.commit(storage, 20);
    write_fence(fence_file(original()), storage.chain());
    fenced_commits_ = history_.commits();
    chain_ = storage.chain();
    copy_as_crashed(original(), directory_ / "now");
  }
  for (const int step : {-1, 0, 1, 50}) {
    SCOPED_TRACE(step);
    copy_as_crashed(directory_ / "now", copy());
    const fs::path source = newest_wal(older);
    fs::copy_file(source, copy() / renumbered(source.filename(), step),
                  fs::copy_options::overwrite_existing);
    expect_never_quietly_different();
  }
  EXPECT_EQ(cut_, 0);
  EXPECT_GT(refused_, 0);
}

// What a power cut leaves of the commit in flight: its file ends anywhere in it, or has its full
// length with sectors that were never written. It was not acknowledged, so the log opens without.
TEST_F(FileDamage, OfATornEndIsNoDamage) {
  RocksDbStorage storage(live(), fence_every(3'600'000));
  for (int round = 0; round < 100; ++round) {
    history_.commit(storage, 3);
    const fs::path wal = newest_wal(live());
    const std::uintmax_t begin = fs::file_size(wal);
    history_.commit(storage);
    copy_as_crashed(live(), copy());
    const fs::path torn = copy() / wal.filename();
    std::string bytes = content_of(torn);
    ASSERT_GT(bytes.size(), begin);
    const std::size_t at = begin + random_() % (bytes.size() - begin);
    const bool loses_a_sector = round % 2 == 0;
    SCOPED_TRACE("round " + std::to_string(round) + " at " + std::to_string(at));
    if (loses_a_sector) {
      // All from a sector's start on, or this one alone.
      const std::size_t sector = std::max<std::size_t>(begin, at / 512 * 512);
      const std::size_t stop = random_() % 2 ? bytes.size() : std::min(bytes.size(), sector + 512);
      std::fill(bytes.begin() + sector, bytes.begin() + stop, '\0');
    } else {
      bytes.resize(at);
    }
    replace_content(torn, bytes);
    EXPECT_FALSE(verify_log(copy(), {}).damage);
    const RocksDbStorage reopened(copy());
    history_.expect_state_since(reopened, history_.commits() - 1);
    reopened.log().head() == storage.log().head() ? ++intact_ : ++cut_;
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(cut_, 95) << "a few may have lost nothing but zeros";
}

TEST_F(FileDamage, OfTheRestIsNeverQuietlyDifferent) {
  make(0);
  for (const std::string kind : {"OPTIONS", "IDENTITY"}) {
    damage_bytes(files_with(original(), kind), kWays);
    damage_whole_files(files_with(original(), kind));
  }
  EXPECT_EQ(cut_, 0);
}

TEST_F(FileDamage, OfTheFenceIsRefused) {
  make(0);
  const std::string before = content_of(fence_file(original()));
  for (int i = 0; i < 10 * kWays; ++i) {
    const std::string after = damaged(before, static_cast<Way>(i % kWays), random_);
    refresh_copy();
    replace_content(fence_file(copy()), after);
    expect_never_quietly_different();
  }
  EXPECT_EQ(cut_, 0);
  EXPECT_LT(intact_, kWays) << "a swap or a cut may have changed nothing";
}

// A directory that is a mixture of two moments of the same log.
TEST_F(FileDamage, OfAMixtureOfTwoMomentsIsNeverQuietlyDifferent) {
  make(0);
  const fs::path later = directory_ / "later";
  {
    RocksDbStorage storage(original());
    history_.commit(storage, 30);
    write_fence(fence_file(original()), storage.chain());
    fenced_commits_ = history_.commits();
    chain_ = storage.chain();
    copy_as_crashed(original(), later);
  }
  for (const auto& entry : fs::directory_iterator(live())) {
    if (!entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
    SCOPED_TRACE(entry.path().filename().string());
    copy_as_crashed(later, copy());
    fs::copy_file(entry.path(), copy() / entry.path().filename(),
                  fs::copy_options::overwrite_existing);
    expect_never_quietly_different();
  }
  EXPECT_EQ(cut_, 0);
}

}  // namespace
}  // namespace runledger::eventlog::test
