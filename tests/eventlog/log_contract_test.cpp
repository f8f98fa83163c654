#include <limits>
#include <stdexcept>

#include "tests/eventlog/storage_contract.h"

namespace runledger::eventlog::test {
namespace {

template <typename Kind>
class LogContract : public StorageContract<Kind> {};
TYPED_TEST_SUITE(LogContract, StorageKinds, StorageKindNames);

std::vector<std::string> payloads(const std::vector<Stored>& records) {
  std::vector<std::string> found;
  for (const auto& record : records) found.push_back(record.payload);
  return found;
}

using Texts = std::vector<std::string>;

TYPED_TEST(LogContract, IsEmptyAtFirst) {
  EXPECT_EQ(this->log().head(), 0u);
  EXPECT_EQ(this->log().stream_head("run_a"), 0u);
  EXPECT_TRUE(read_all(this->storage()).empty());
  EXPECT_TRUE(read_stream(this->storage(), "run_a").empty());
  EXPECT_EQ(this->storage().rows_offset(), 0u);
}

TYPED_TEST(LogContract, GivesDenseOffsetsAndIndices) {
  const std::vector items = {item("a", 0, {event("1"), event("2")}), item("b", 0, {event("3")})};
  const auto results = this->log().append(items);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, AppendStatus::kAppended);
  EXPECT_EQ(results[0].first_offset, 0u);
  EXPECT_EQ(results[1].first_offset, 2u);
  EXPECT_EQ(this->log().head(), 3u);
  EXPECT_EQ(this->log().stream_head("a"), 2u);
  EXPECT_EQ(this->log().stream_head("b"), 1u);
  const auto records = read_all(this->storage());
  ASSERT_EQ(records.size(), 3u);
  for (Offset offset = 0; offset < 3; ++offset) EXPECT_EQ(records[offset].offset, offset);
  EXPECT_EQ(records[1].idx, 1u);
  EXPECT_EQ(records[2].stream, "b");
}

TYPED_TEST(LogContract, GivesBackEveryField) {
  NewEvent sent = event(std::string("\0{}\xff", 4));
  sent.version = 9;
  sent.time_us = -5;
  this->log().append(std::vector{item("run_a", 0, {sent})});
  const auto record = read_all(this->storage()).at(0);
  EXPECT_EQ(record.time_us, -5);
  EXPECT_EQ(record.version, 9);
  EXPECT_EQ(record.stream, "run_a");
  EXPECT_EQ(record.tenant, sent.tenant);
  EXPECT_EQ(record.owner, sent.owner);
  EXPECT_EQ(record.type, sent.type);
  EXPECT_EQ(record.actor, sent.actor);
  EXPECT_EQ(record.command_id, sent.command_id);
  EXPECT_EQ(record.payload, sent.payload);
}

TYPED_TEST(LogContract, TakesSeveralItemsOfOneStream) {
  const std::vector items = {item("a", 0, {event("1")}), item("b", 0, {event("2")}),
                             item("a", 1, {event("3"), event("4")}), item("a", 3, {event("5")})};
  const auto results = this->log().append(items);
  EXPECT_EQ(results[2].first_offset, 2u);
  EXPECT_EQ(results[3].first_offset, 4u);
  EXPECT_EQ(payloads(read_stream(this->storage(), "a")), (Texts{"1", "3", "4", "5"}));
  EXPECT_EQ(this->log().stream_head("a"), 4u);
}

TYPED_TEST(LogContract, WritesNothingOnConflict) {
  append_one(this->storage(), "a", "1");
  append_one(this->storage(), "a", "2");
  const std::vector items = {item("b", 0, {event("x")}), item("a", 1, {event("x")}),
                             item("c", 7, {event("x")})};
  const std::vector<RowChange> rows = {{"row", "x"}};
  const auto results = this->storage().commit(items, rows);
  EXPECT_EQ(results[0].status, AppendStatus::kNotWritten);
  EXPECT_EQ(results[1].status, AppendStatus::kConflict);
  EXPECT_EQ(results[1].current_idx, 2u);
  EXPECT_EQ(results[2].status, AppendStatus::kConflict);
  EXPECT_EQ(results[2].current_idx, 0u);
  EXPECT_EQ(this->log().head(), 2u);
  EXPECT_EQ(this->log().stream_head("b"), 0u);
  EXPECT_FALSE(this->rows().get("row"));
  EXPECT_EQ(payloads(read_all(this->storage())), (Texts{"1", "2"}));
}

TYPED_TEST(LogContract, GoesOnAfterConflict) {
  append_one(this->storage(), "a", "1");
  this->log().append(std::vector{item("b", 0, {event("x")}), item("a", 0, {event("x")})});
  const auto result = this->log().append(std::vector{item("b", 0, {event("2")})}).at(0);
  EXPECT_EQ(result.status, AppendStatus::kAppended);
  EXPECT_EQ(result.first_offset, 1u);
}

TYPED_TEST(LogContract, ConflictWithinOneAppendTellsWhereTheStreamStands) {
  append_one(this->storage(), "a", "1");
  const std::vector items = {item("a", 1, {event("2")}), item("a", 1, {event("3")})};
  const auto results = this->log().append(items);
  EXPECT_EQ(results[0].status, AppendStatus::kNotWritten);
  EXPECT_EQ(results[1].status, AppendStatus::kConflict);
  EXPECT_EQ(results[1].current_idx, 1u);
  EXPECT_EQ(this->log().head(), 1u);
}

TYPED_TEST(LogContract, ReadsFromAnyPlace) {
  for (int i = 0; i < 10; ++i) {
    append_one(this->storage(), i % 2 == 0 ? "even" : "odd", std::to_string(i));
  }
  EXPECT_EQ(payloads(read_all(this->storage(), 7)), (Texts{"7", "8", "9"}));
  EXPECT_EQ(payloads(read_stream(this->storage(), "odd", 3)), (Texts{"7", "9"}));
  EXPECT_TRUE(read_all(this->storage(), 10).empty());
  EXPECT_TRUE(read_all(this->storage(), std::numeric_limits<Offset>::max()).empty());
  EXPECT_TRUE(read_stream(this->storage(), "odd", 5).empty());
  EXPECT_TRUE(read_stream(this->storage(), "odd", std::numeric_limits<StreamIndex>::max()).empty());
}

TYPED_TEST(LogContract, KeepsStreamsWithNearNamesApart) {
  for (const std::string stream : {"a", "ab", "a\x01", "a/", "b"}) {
    append_one(this->storage(), stream, stream);
  }
  for (const std::string stream : {"a", "ab", "a\x01", "a/", "b"}) {
    EXPECT_EQ(payloads(read_stream(this->storage(), stream)), Texts{stream});
    EXPECT_EQ(this->log().stream_head(stream), 1u);
  }
  EXPECT_EQ(this->log().stream_head("aa"), 0u);
  EXPECT_EQ(this->log().stream_head(""), 0u);
}

TYPED_TEST(LogContract, ReadsALongStreamFromAnyPlaceWhateverTheSizes) {
  constexpr StreamIndex kEvents = 80;
  for (StreamIndex idx = 0; idx < kEvents; ++idx) {
    const std::size_t bytes = idx % 3 == 0 ? 400'000 : idx;
    append_one(this->storage(), "a", std::to_string(idx) + std::string(bytes, 'x'));
    append_one(this->storage(), "b", "between");
  }
  for (const StreamIndex from : {0u, 1u, 31u, 33u, 79u, 80u}) {
    const auto read = read_stream(this->storage(), "a", from);
    ASSERT_EQ(read.size(), kEvents - from);
    for (StreamIndex idx = from; idx < kEvents; ++idx) {
      const Stored& stored = read[idx - from];
      EXPECT_EQ(stored.idx, idx);
      EXPECT_EQ(stored.offset, 2 * idx);
      EXPECT_TRUE(stored.payload.starts_with(std::to_string(idx)));
    }
  }
}

TYPED_TEST(LogContract, StopsReadingWhenTheVisitorSaysSo) {
  for (int i = 0; i < 5; ++i) append_one(this->storage(), "a", std::to_string(i));
  int seen = 0;
  this->log().read(0, [&](const RecordView&) { return ++seen < 2; });
  EXPECT_EQ(seen, 2);
  seen = 0;
  this->log().read_stream("a", 0, [&](const RecordView&) { return ++seen < 3; });
  EXPECT_EQ(seen, 3);
}

TYPED_TEST(LogContract, ReadsToTheHeadAtTheTimeOfTheCall) {
  append_one(this->storage(), "a", "1");
  int seen = 0;
  this->log().read(0, [&](const RecordView&) {
    append_one(this->storage(), "a", "more");
    return ++seen < 10;
  });
  EXPECT_EQ(seen, 1);
  seen = 0;
  this->log().read_stream("a", 0, [&](const RecordView&) {
    append_one(this->storage(), "a", "more");
    return ++seen < 10;
  });
  EXPECT_EQ(seen, 2);
}

TYPED_TEST(LogContract, TakesTheLargestEvent) {
  NewEvent largest = event(std::string(kPayloadBytesMax, 'x'));
  largest.owner = std::string(kNameBytesMax, 'o');
  const std::string stream(kNameBytesMax, 's');
  const auto result = this->log().append(std::vector{item(stream, 0, {largest})}).at(0);
  EXPECT_EQ(result.status, AppendStatus::kAppended);
  EXPECT_TRUE(read_stream(this->storage(), stream).at(0).payload == largest.payload);
}

TYPED_TEST(LogContract, RefusesWhatIsOverTheLimits) {
  const std::string long_name(kNameBytesMax + 1, 'x');
  std::vector<StreamAppend> bad = {item("a", 0, {}), item("", 0, {event("")}),
                                   item(std::string("a\0b", 3), 0, {event("")}),
                                   item(long_name, 0, {event("")}),
                                   item("a", 0, {event(std::string(kPayloadBytesMax + 1, 'x'))})};
  for (auto field : {&NewEvent::tenant, &NewEvent::owner, &NewEvent::type, &NewEvent::actor,
                     &NewEvent::command_id}) {
    NewEvent over = event("");
    over.*field = long_name;
    bad.push_back(item("a", 0, {over}));
  }
  for (const auto& refused : bad) {
    const std::vector items = {item("good", 0, {event("1")}), refused};
    EXPECT_THROW(this->log().append(items), std::invalid_argument);
    EXPECT_THROW(this->storage().commit(items, {}), std::invalid_argument);
  }
  EXPECT_EQ(this->log().head(), 0u);
  append_one(this->storage(), "good", "1");
}

TYPED_TEST(LogContract, NothingToAppendIsNothing) {
  EXPECT_TRUE(this->log().append({}).empty());
  EXPECT_TRUE(this->storage().commit({}, {}).empty());
  EXPECT_EQ(this->log().head(), 0u);
}

TYPED_TEST(LogContract, AgreesWithItsShadowAfterARandomHistory) {
  History history(4711);
  for (int round = 0; round < 10; ++round) {
    history.commit(this->storage(), 10);
    history.expect_complete(this->storage());
  }
}

}  // namespace
}  // namespace runledger::eventlog::test
