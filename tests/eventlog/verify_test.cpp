// A verification finds a sound log sound, and names the first offset of one that is not.
#include "eventlog/verify.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "eventlog/checkpoint_export.h"
#include "eventlog/commit_row.h"
#include "eventlog/durable_file.h"
#include "eventlog/fence.h"
#include "eventlog/keys.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_database.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr Offset kEvents = 40;  // of two streams, two a commit

class Verify : public ::testing::Test {
 protected:
  Verify() {
    RocksDbStorage storage(log());
    for (StreamIndex i = 0; i < kEvents / 2; ++i) {
      storage.commit(std::vector{item("a", i, {event("a")}), item("b", i, {event("b")})}, {});
    }
    witness_ = storage.checkpoint().value();
  }

  fs::path log() const { return directory_ / "log"; }

  void change(const std::function<void(Database&, rocksdb::WriteBatch&)>& make) {
    Database database(log(), {}, Database::Mode::kReadWrite);
    rocksdb::WriteBatch batch;
    make(database, batch);
    require_ok(database.db().Write({}, &batch), "changing", database.name());
  }

  VerifyReport verify(bool with_witness = false) const {
    VerifyOptions options;
    if (with_witness) options.witness = witness_;
    return verify_log(log(), options);
  }

  void expect_damage(Offset offset, const std::string& what) const {
    const auto report = verify();
    ASSERT_TRUE(report.damage);
    EXPECT_EQ(report.damage->offset, offset) << report.damage->what;
    EXPECT_THAT(report.damage->what, HasSubstr(what));
  }

  static std::string record_bytes(Offset offset, const std::string& payload) {
    std::string bytes;
    encode_record(offset, offset % 2 == 0 ? "a" : "b", offset / 2, event(payload), Salt{}, bytes);
    return bytes;
  }

  TempDir directory_;
  Checkpoint witness_;
};

TEST_F(Verify, FindsASoundLogSound) {
  const auto report = verify(true);
  EXPECT_FALSE(report.damage) << report.damage->what;
  EXPECT_EQ(report.chain.head, kEvents);
  EXPECT_EQ(report.chain.hash, witness_.hash);
  EXPECT_EQ(report.checkpoints, 1u);
  EXPECT_EQ(report.key_ids, std::vector<std::string>{key_id(witness_.public_key)});
  EXPECT_TRUE(report.has_fence);
  EXPECT_EQ(report.erased_payloads, 0u);
}

TEST_F(Verify, FindsALogSoundWhileItIsWritten) {
  RocksDbStorage storage(log());
  for (StreamIndex i = 0; i < 5; ++i) {
    append_one(storage, "c", "x");
    const auto report = verify(true);
    EXPECT_FALSE(report.damage) << report.damage->what;
    EXPECT_EQ(report.chain, storage.chain());
  }
}

TEST_F(Verify, FindsALogSoundWhosePayloadsWereErased) {
  { RocksDbStorage(log()).erase_payloads(std::vector<Offset>{7, 8, 30}); }
  const auto report = verify(true);
  EXPECT_FALSE(report.damage) << report.damage->what;
  EXPECT_EQ(report.erased_payloads, 3u);
}

TEST_F(Verify, TellsItsProgress) {
  VerifyOptions options;
  Offset last = 0;
  options.on_progress = [&](Offset done, Offset total) {
    EXPECT_GT(done, last);
    EXPECT_EQ(total, kEvents);
    last = done;
  };
  verify_log(log(), options);
  EXPECT_EQ(last, kEvents);
}

TEST_F(Verify, NamesAMissingRecord) {
  change([](Database& database, auto& batch) { batch.Delete(database.log(), log_key(6)); });
  expect_damage(6, "offset 6 is missing");
}

TEST_F(Verify, NamesTheCommitOfAForgedRecord) {
  change([](Database& database, auto& batch) {
    batch.Put(database.log(), log_key(13), record_bytes(13, "forged"));
  });
  expect_damage(12, "from offset 12 to 13 does not have the hash");
}

TEST_F(Verify, NamesTheFirstOfSeveral) {
  change([](Database& database, auto& batch) {
    batch.Put(database.log(), log_key(31), record_bytes(31, "forged"));
    batch.Put(database.log(), log_key(18), "x");
  });
  expect_damage(18, "too short");
}

TEST_F(Verify, NamesASwapOfRecords) {
  change([](Database& database, auto& batch) {
    batch.Put(database.log(), log_key(10), record_bytes(12, "a"));
    batch.Put(database.log(), log_key(12), record_bytes(10, "a"));
  });
  expect_damage(10, "says that it is the one at offset 12");
}

TEST_F(Verify, NamesAMissingCommit) {
  change([](Database& database, auto& batch) { batch.Delete(database.commits(), log_key(21)); });
  expect_damage(20, "a commit is missing");
}

TEST_F(Verify, NamesTheLastCommitIfItIsMissing) {
  change([](Database& database, auto& batch) { batch.Delete(database.commits(), log_key(39)); });
  expect_damage(38, "belongs to no commit");
}

TEST_F(Verify, NamesAForgedHash) {
  change([](Database& database, auto& batch) {
    batch.Put(database.commits(), log_key(21), encode_commit_row({2, {1}}));
  });
  expect_damage(20, "does not have the hash");
}

TEST_F(Verify, NamesAMissingIndexEntry) {
  change([](Database& database, auto& batch) {
    batch.Delete(database.streams(), stream_key("b", 4));
  });
  expect_damage(9, "does not have entry 4 of stream b");
}

TEST_F(Verify, NamesAnIndexEntryTooMany) {
  change([](Database& database, auto& batch) {
    batch.Put(database.streams(), stream_key("b", 20), stream_value(40));
  });
  expect_damage(kEvents, "entries that no event stands for");
}

TEST_F(Verify, NamesAForgedCheckpoint) {
  change([&](Database& database, auto& batch) {
    auto forged = witness_;
    forged.hash[0] ^= 1;
    batch.Put(database.checkpoints(), log_key(39), to_json(forged));
  });
  expect_damage(39, "its signature is wrong");
}

TEST_F(Verify, SeesACutEndByTheFence) {
  fs::create_directory(directory_ / "copy");
  fs::copy(log(), directory_ / "copy/log");
  {
    RocksDbStorage storage(log());
    append_one(storage, "a", "later");
  }
  fs::remove_all(log());
  fs::copy(directory_ / "copy/log", log());
  expect_damage(kEvents, "says that it had 41 events");
}

// All of it written anew, by someone who has the code and the key.
TEST_F(Verify, SeesARewrittenLogByTheWitnessAlone) {
  fs::remove_all(log());
  fs::remove(fence_file(log()));
  fs::remove(beside_log(log(), ".key"));
  {
    RocksDbStorage storage(log());
    for (StreamIndex i = 0; i < kEvents; ++i) append_one(storage, "a", "forged");
  }
  EXPECT_FALSE(verify().damage);
  const auto damage = verify(true).damage;
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->offset, kEvents - 1);
  EXPECT_THAT(damage->what, HasSubstr("the witness's checkpoint at offset 39"));
}

TEST_F(Verify, SeesAWitnessOfALongerLog) {
  witness_.offset = 99;
  EXPECT_THAT(verify(true).damage.value().what, HasSubstr("signature is wrong"));
}

TEST_F(Verify, NamesTheOffsetBehindADamagedPlaceOfTheWal) {
  RocksDbStorage storage(log());
  append_one(storage, "c", "x");
  const auto at = fs::file_size(newest_wal(log()));
  for (int i = 0; i < 5; ++i) append_one(storage, "c", "x");
  copy_as_crashed(log(), directory_ / "copy");
  flip(newest_wal(directory_ / "copy"), at + 20, 1);
  const auto damage = verify_log(directory_ / "copy", {}).damage;
  ASSERT_TRUE(damage);
  EXPECT_EQ(damage->offset, kEvents + 1) << damage->what;
}

TEST_F(Verify, SaysThatNothingCanBeReadWithoutAManifest) {
  fs::remove(files_with(log(), "MANIFEST").back());
  expect_damage(0, "nothing can be read");
}

TEST_F(Verify, SaysThatTheLogIsGone) {
  fs::remove_all(log());
  expect_damage(0, "is gone");
}

TEST_F(Verify, CannotLookWhereThereIsNoLog) {
  EXPECT_THROW(verify_log(directory_ / "other", {}), LogError);
  fs::create_directory(directory_ / "other");
  EXPECT_THROW(verify_log(directory_ / "other", {}), LogError);
}

TEST_F(Verify, TakesAnExportedCheckpointAsWitness) {
  VerifyOptions options;
  options.witness = export_checkpoint(log());
  ASSERT_TRUE(options.witness);
  EXPECT_EQ(options.witness->offset, kEvents - 1);
  { append_one(*std::make_unique<RocksDbStorage>(log()), "c", "later"); }
  EXPECT_FALSE(verify_log(log(), options).damage);
}

TEST_F(Verify, ExportsTheLastCheckpointWhereThereIsNoKey) {
  fs::remove(directory_ / "log.key");
  const auto exported = export_checkpoint(log());
  ASSERT_TRUE(exported);
  EXPECT_TRUE(has_good_signature(*exported));
  EXPECT_EQ(exported->hash, witness_.hash);
}

}  // namespace
}  // namespace runledger::eventlog::test
