// Signed checkpoints: their form, their key, and when the log writes one.
#include "eventlog/checkpoint.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "eventlog/durable_file.h"
#include "eventlog/keys.h"
#include "eventlog/rocksdb_database.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kTimeUs = 1'769'860'800'000'123;

Checkpoint signed_checkpoint(const SealKey& key) {
  return sign_checkpoint({8, {1, 2, 3}}, kTimeUs, key);
}

class Checkpoints : public ::testing::Test {
 protected:
  SealKey key() { return SealKey::load_or_create(directory_ / "key", fill_from_kernel); }

  // The offsets of the checkpoints in the database.
  std::vector<Offset> written() {
    std::vector<Offset> offsets;
    const Database database(directory_ / "log", {}, Database::Mode::kReadWrite);
    const std::unique_ptr<rocksdb::Iterator> it(
        database.db().NewIterator({}, database.checkpoints()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const auto checkpoint = parse_checkpoint(view(it->value()));
      EXPECT_TRUE(checkpoint && has_good_signature(*checkpoint)) << it->value().ToString();
      offsets.push_back(*parse_log_key(view(it->key())));
    }
    return offsets;
  }

  TempDir directory_;
};

TEST_F(Checkpoints, AreGoodWhenNothingWasChanged) {
  const Checkpoint checkpoint = signed_checkpoint(key());
  EXPECT_EQ(checkpoint.offset, 7u);
  EXPECT_EQ(checkpoint.time, "2026-01-31T12:00:00.000123Z");
  EXPECT_TRUE(has_good_signature(checkpoint));
}

TEST_F(Checkpoints, AreBadWhenAnythingWasChanged) {
  const Checkpoint good = signed_checkpoint(key());
  auto changed = good;
  changed.offset = 8;
  EXPECT_FALSE(has_good_signature(changed));
  changed = good;
  changed.hash[31] = 1;
  EXPECT_FALSE(has_good_signature(changed));
  changed = good;
  changed.time.back() = 'z';
  EXPECT_FALSE(has_good_signature(changed));
  changed = good;
  changed.signature.front() = static_cast<char>(changed.signature.front() ^ 1);
  EXPECT_FALSE(has_good_signature(changed));
  changed = good;
  changed.public_key = SealKey::load_or_create(directory_ / "other", fill_from_kernel).public_key();
  EXPECT_FALSE(has_good_signature(changed));
  changed.public_key = "short";
  EXPECT_FALSE(has_good_signature(changed));
}

TEST_F(Checkpoints, GoThroughJson) {
  const Checkpoint good = signed_checkpoint(key());
  const auto read = parse_checkpoint(to_json(good));
  ASSERT_TRUE(read);
  EXPECT_TRUE(has_good_signature(*read));
  EXPECT_EQ(to_json(*read), to_json(good));
  EXPECT_EQ(key_id(good.public_key).size(), 16u);
}

TEST_F(Checkpoints, RefuseJsonThatIsNone) {
  const std::string good = to_json(signed_checkpoint(key()));
  const std::vector<std::string> wrong = {
      "", "[]", "{}", "null", R"({"format":2})", good.substr(1), good + "x"};
  for (const std::string& text : wrong) {
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  }
  for (const std::string word : {"\"offset\":7", "\"hash\":\"01", "\"public_key\":\""}) {
    auto text = good;
    text.insert(text.find(word) + word.size(), "x");
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  }
}

TEST_F(Checkpoints, HaveTheSameKeyAfterAReopen) {
  const SealKey first = key();
  EXPECT_EQ(first.public_key(), key().public_key());
  EXPECT_EQ(fs::status(directory_ / "key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Checkpoints, RefuseAKeyThatOthersMayRead) {
  key();
  fs::permissions(directory_ / "key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_THROW(key(), LogError);
}

TEST_F(Checkpoints, RefuseAFileThatIsNoKey) {
  write_durably(directory_ / "key", "something");
  EXPECT_THROW(key(), LogError);
}

TEST_F(Checkpoints, AreWrittenEveryFewCommitsAndAtTheEnd) {
  RocksDbOptions options;
  options.checkpoint_commits_max = 4;
  {
    RocksDbStorage storage(directory_ / "log", options);
    for (int i = 0; i < 10; ++i) append_one(storage, "a", "x");
  }
  EXPECT_EQ(written(), (std::vector<Offset>{3, 7, 9}));
}

TEST_F(Checkpoints, AreWrittenWhenTimeHasPassed) {
  std::int64_t now_us = 0;
  RocksDbOptions options;
  options.now_us = [&] {
    return now_us;
  };
  {
    RocksDbStorage storage(directory_ / "log", options);
    for (int i = 0; i < 5; ++i) append_one(storage, "a", "x");
    now_us += options.checkpoint_interval_us;
    for (int i = 0; i < 5; ++i) append_one(storage, "a", "x");
  }
  EXPECT_EQ(written(), (std::vector<Offset>{4, 9}));
}

TEST_F(Checkpoints, AreNotWrittenWithoutCommits) {
  { RocksDbStorage storage(directory_ / "log"); }
  { RocksDbStorage storage(directory_ / "log"); }
  EXPECT_TRUE(written().empty());
}

TEST_F(Checkpoints, AreGivenOnDemand) {
  RocksDbStorage storage(directory_ / "log");
  EXPECT_FALSE(storage.checkpoint());
  append_one(storage, "a", "x");
  const auto checkpoint = storage.checkpoint();
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->offset, 0u);
  EXPECT_EQ(checkpoint->hash, storage.chain().hash);
  EXPECT_TRUE(has_good_signature(*checkpoint));
}

}  // namespace
}  // namespace runledger::eventlog::test
