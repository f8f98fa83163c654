// The chain of hashes over the commits: what it covers, and that it is the same every time.
#include "eventlog/seal.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "eventlog/chain_check.h"
#include "eventlog/commit_row.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

struct Encoded {
  std::string bytes;
  EncodedParts parts;
};

// The record that the README shows.
std::unique_ptr<Encoded> example() {
  auto made = std::make_unique<Encoded>();
  NewEvent sent = event(R"({"title":"Spring"})");
  sent.version = 3;
  Salt salt;
  std::iota(salt.begin(), salt.end(), std::uint8_t{0x40});
  made->parts = encode_record(7, "run_a", 2, sent, salt, made->bytes);
  return made;
}

std::string hex(const Digest& digest) {
  return to_hex(bytes_of(digest));
}

// Frozen, and computed by another implementation of SHA-256.
constexpr auto kPayloadDigest = "4f96181489a3d6de7561286d1316a2dd2d67a8802415fd1e4fc351cbad8a7c76";
constexpr auto kCommitHash = "6ab56455d410c58d46fccb3ae4cbda6ec49fdbd546d9d7fd0b2505e2c9c00216";

TEST(Seal, HasTheHashesThatTheReadmeShows) {
  const auto record = example();
  Sealer sealer;
  EXPECT_EQ(hex(sealer.payload_digest(record->parts.sealed_payload)), kPayloadDigest);
  sealer.begin_commit({7, {}}, 1);
  sealer.add(record->parts.header, record->parts.sealed_payload);
  EXPECT_EQ(hex(sealer.end_commit()), kCommitHash);
}

TEST(Seal, IsTheSameForAnErasedPayload) {
  const auto record = example();
  Sealer sealer;
  const auto whole = std::get<RecordView>(decode_record(record->bytes));
  const auto erased = encode_erased(whole, sealer.payload_digest(whole.sealed_payload));
  sealer.begin_commit({7, {}}, 1);
  sealer.add(std::get<RecordView>(decode_record(erased)));
  EXPECT_EQ(hex(sealer.end_commit()), kCommitHash);
}

TEST(Seal, DependsOnWhatCameBeforeOnPlaceAndOnCount) {
  const auto record = example();
  const auto hash = [&](const ChainHead& before, std::uint32_t events) {
    Sealer sealer;
    sealer.begin_commit(before, events);
    sealer.add(record->parts.header, record->parts.sealed_payload);
    return hex(sealer.end_commit());
  };
  EXPECT_EQ(hash({7, {}}, 1), kCommitHash);
  EXPECT_NE(hash({7, {1}}, 1), kCommitHash);
  EXPECT_NE(hash({8, {}}, 1), kCommitHash);
  EXPECT_NE(hash({7, {}}, 2), kCommitHash);
}

TEST(Seal, OfARowRefusesWhatIsNone) {
  const std::string row = encode_commit_row({3, {1, 2}});
  EXPECT_EQ(decode_commit_row(row)->events, 3u);
  EXPECT_EQ(decode_commit_row(row)->hash, (Digest{1, 2}));
  EXPECT_FALSE(decode_commit_row(row + "x"));
  EXPECT_FALSE(decode_commit_row(row.substr(1)));
  EXPECT_FALSE(decode_commit_row(encode_commit_row({0, {}})));
  EXPECT_FALSE(decode_commit_row("\2" + row.substr(1)));
}

TEST(Seal, GoesOnAfterAReopen) {
  TempDir directory;
  History history(1);
  ChainHead chain;
  for (int round = 0; round < 3; ++round) {
    RocksDbStorage storage(directory / "log");
    EXPECT_EQ(storage.chain(), chain);
    history.commit(storage, 20);
    chain = storage.chain();
    EXPECT_EQ(chain.head, storage.log().head());
  }
  RocksDbOptions options;
  options.tail_checked_records = 1'000'000;
  EXPECT_EQ(RocksDbStorage(directory / "log", options).chain(), chain);
}

TEST(Seal, IsNotChangedByRowsAlone) {
  TempDir directory;
  RocksDbStorage storage(directory / "log");
  append_one(storage, "a", "1");
  const ChainHead chain = storage.chain();
  storage.commit_rows(std::vector<RowChange>{{"row", "x"}}, 1);
  EXPECT_EQ(storage.chain(), chain);
}

TEST(Seal, OfEqualEventsDiffersByTheirSalts) {
  TempDir directory;
  RocksDbStorage one(directory / "one");
  RocksDbStorage other(directory / "other");
  append_one(one, "a", "1");
  append_one(other, "a", "1");
  EXPECT_NE(one.chain().hash, other.chain().hash);
}

TEST(Seal, FollowsFromTheInjectedRandomness) {
  TempDir directory;
  RocksDbOptions options;
  options.fill_random = [](std::span<std::uint8_t> bytes) {
    std::fill(bytes.begin(), bytes.end(), 7);
  };
  RocksDbStorage one(directory / "one", options);
  RocksDbStorage other(directory / "other", options);
  append_one(one, "a", "1");
  append_one(other, "a", "1");
  EXPECT_EQ(one.chain(), other.chain());
}

TEST(Seal, HoldsAfterPayloadsWereErased) {
  TempDir directory;
  ChainHead chain;
  {
    RocksDbStorage storage(directory / "log");
    for (int i = 0; i < 10; ++i) append_one(storage, "a", "secret " + std::to_string(i));
    storage.erase_payloads(std::vector<Offset>{3, 4, 4});
    chain = storage.chain();
    EXPECT_THROW(storage.erase_payloads(std::vector<Offset>{99}), LogError);
  }
  const RocksDbStorage storage(directory / "log");  // checks the chain of all ten
  EXPECT_EQ(storage.chain(), chain);
  int erased = 0;
  storage.log().read(0, [&](const RecordView& record) {
    EXPECT_EQ(record.payload_erased, record.offset == 3 || record.offset == 4);
    EXPECT_EQ(record.payload.empty(), record.payload_erased);
    erased += record.payload_erased ? 1 : 0;
    return true;
  });
  EXPECT_EQ(erased, 2);
}

}  // namespace
}  // namespace runledger::eventlog::test
