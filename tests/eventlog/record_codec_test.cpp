#include "eventlog/record_codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <numeric>

#include "tests/eventlog/support.h"

namespace runledger::eventlog {
namespace {

using test::Stored;

NewEvent full_event() {
  NewEvent event = test::event(R"({"title":"Spring"})");
  event.version = 3;
  return event;
}

// 40 41 … 4f
Salt salt() {
  Salt made;
  std::iota(made.begin(), made.end(), std::uint8_t{0x40});
  return made;
}

std::string encoded(const NewEvent& event, Offset offset = 7, StreamIndex idx = 2) {
  std::string bytes;
  encode_record(offset, "run_a", idx, event, salt(), bytes);
  return bytes;
}

bool refused(std::string_view bytes) {
  return std::holds_alternative<RecordFault>(decode_record(bytes));
}

RecordFault fault_of(std::string_view bytes) {
  return std::get<RecordFault>(decode_record(bytes));
}

std::string from_digits(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return from_hex(text).value();
}

TEST(RecordCodec, GivesBackEveryField) {
  const auto bytes = encoded(full_event());
  const auto record = std::get<RecordView>(decode_record(bytes));
  Stored expected;
  expected.offset = 7;
  expected.idx = 2;
  expected.time_us = 1'700'000'000'000'000;
  expected.version = 3;
  expected.stream = "run_a";
  expected.tenant = "acme";
  expected.owner = "alice";
  expected.type = "run.created";
  expected.actor = "user:alice";
  expected.command_id = "c-1";
  expected.payload = R"({"title":"Spring"})";
  EXPECT_EQ(Stored(record), expected);
}

TEST(RecordCodec, GivesBackExtremeFields) {
  NewEvent event;
  event.time_us = std::numeric_limits<std::int64_t>::min();
  event.version = std::numeric_limits<std::uint16_t>::max();
  event.owner = std::string(kNameBytesMax, '\xff');
  event.payload = std::string(kPayloadBytesMax, '\0');
  const Offset offset = std::numeric_limits<Offset>::max();
  const auto bytes = encoded(event, offset, offset - 1);
  const auto record = std::get<RecordView>(decode_record(bytes));
  EXPECT_EQ(record.offset, offset);
  EXPECT_EQ(record.idx, offset - 1);
  EXPECT_EQ(record.time_us, event.time_us);
  EXPECT_EQ(record.version, event.version);
  EXPECT_EQ(record.owner, event.owner);
  EXPECT_EQ(record.type, "");
  EXPECT_TRUE(record.payload == event.payload);
}

TEST(RecordCodec, AppendsBehindWhatIsThere) {
  std::string bytes = "before";
  encode_record(7, "run_a", 2, full_event(), salt(), bytes);
  EXPECT_EQ(bytes, "before" + encoded(full_event()));
}

TEST(RecordCodec, PointsIntoTheBytes) {
  const auto bytes = encoded(full_event());
  const auto record = std::get<RecordView>(decode_record(bytes));
  EXPECT_GE(record.payload.data(), bytes.data());
  EXPECT_LE(record.payload.data() + record.payload.size(), bytes.data() + bytes.size());
}

// Frozen: logs that were written with these bytes must stay readable.
const std::string kExample = from_digits(
    "01 0700000000000000 0200000000000000 00401e18240a0600 0300 05 04 05 0b 0a 03 12000000"
    "72756e5f61 61636d65 616c696365 72756e2e63726561746564 757365723a616c696365 632d31"
    "00 404142434445464748494a4b4c4d4e4f"
    "7b227469746c65223a22537072696e67227d b05beb87549ea4e4");

TEST(RecordCodec, KeepsItsBytes) {
  EXPECT_EQ(encoded(full_event()), kExample);
  EXPECT_FALSE(refused(kExample));
}

TEST(RecordCodec, HasTheBytesThatTheReadmeShows) {
  std::ifstream readme(RUNLEDGER_EVENTLOG_README);
  std::string line;
  while (std::getline(readme, line) && line != "```hex") {
  }
  std::string hex;
  while (std::getline(readme, line) && line != "```") hex += line.substr(0, line.find('#'));
  EXPECT_EQ(from_digits(hex), kExample);
}

TEST(RecordCodec, RefusesEveryFlippedBit) {
  const auto bytes = encoded(full_event());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      EXPECT_TRUE(refused(flipped)) << "byte " << at << " bit " << bit;
    }
  }
}

TEST(RecordCodec, RefusesEveryTruncation) {
  const auto bytes = encoded(full_event());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // A copy of that size, so that a read beyond it is seen by the address sanitizer.
    const std::string cut(bytes, 0, size);
    EXPECT_TRUE(refused(cut)) << size;
  }
}

TEST(RecordCodec, SaysWhatTheSealCovers) {
  std::string bytes;
  const EncodedParts parts = encode_record(7, "run_a", 2, full_event(), salt(), bytes);
  const auto record = std::get<RecordView>(decode_record(bytes));
  EXPECT_EQ(record.header, parts.header);
  EXPECT_EQ(record.header, bytes.substr(0, 37 + 5 + 4 + 5 + 11 + 10 + 3));
  EXPECT_EQ(record.sealed_payload, parts.sealed_payload);
  EXPECT_EQ(record.sealed_payload, "@ABCDEFGHIJKLMNO" + full_event().payload);
}

TEST(RecordCodec, KeepsAllButThePayloadOfAnErasedRecord) {
  const auto bytes = encoded(full_event());
  const auto whole = std::get<RecordView>(decode_record(bytes));
  const Digest digest{1, 2, 3};
  const std::string erased_bytes = encode_erased(whole, digest);
  EXPECT_EQ(erased_bytes.find("Spring"), std::string::npos);
  const auto erased = std::get<RecordView>(decode_record(erased_bytes));
  EXPECT_TRUE(erased.payload_erased);
  EXPECT_EQ(erased.payload, "");
  EXPECT_EQ(erased.sealed_payload, bytes_of(digest));
  EXPECT_EQ(erased.header, whole.header);
  EXPECT_EQ(erased.offset, 7u);
  EXPECT_EQ(erased.command_id, "c-1");
}

TEST(RecordCodec, RefusesEveryFlippedBitOfAnErasedRecord) {
  const auto bytes = encoded(full_event());
  const auto erased = encode_erased(std::get<RecordView>(decode_record(bytes)), Digest{});
  for (std::size_t bit = 0; bit < 8 * erased.size(); ++bit) {
    auto flipped = erased;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_TRUE(refused(flipped)) << "bit " << bit;
  }
}

TEST(RecordCodec, RefusesUnknownFormOfPayload) {
  auto bytes = encoded(full_event());
  bytes[37 + 5 + 4 + 5 + 11 + 10 + 3] = 2;
  EXPECT_EQ(fault_of(bytes), RecordFault::kUnknownPayloadForm);
}

TEST(RecordCodec, RefusesTrailingBytes) {
  EXPECT_EQ(fault_of(encoded(full_event()) + '\0'), RecordFault::kWrongLength);
}

TEST(RecordCodec, RefusesUnknownFormat) {
  auto bytes = encoded(full_event());
  bytes[0] = 2;
  EXPECT_EQ(fault_of(bytes), RecordFault::kUnknownFormat);
}

TEST(RecordCodec, RefusesWrongChecksum) {
  auto bytes = encoded(full_event());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  EXPECT_EQ(fault_of(bytes), RecordFault::kWrongChecksum);
}

TEST(RecordCodec, RefusesPayloadOverTheLimit) {
  auto bytes = encoded(full_event());
  bytes[36] = '\x7f';
  EXPECT_EQ(fault_of(bytes), RecordFault::kPayloadTooLong);
}

TEST(RecordCodec, RefusesStreamNameWithNul) {
  std::string bytes;
  encode_record(0, std::string_view("a\0b", 3), 0, full_event(), salt(), bytes);
  EXPECT_EQ(fault_of(bytes), RecordFault::kBadStreamName);
  bytes.clear();
  encode_record(0, "", 0, full_event(), salt(), bytes);
  EXPECT_EQ(fault_of(bytes), RecordFault::kBadStreamName);
}

TEST(RecordCodec, RefusesGarbageOfEverySize) {
  std::mt19937_64 random(20240501);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (size > 0) bytes[0] = static_cast<char>(kRecordFormat);
    EXPECT_TRUE(refused(bytes)) << size;
  }
}

TEST(RecordCodec, DescribesEachFaultDifferently) {
  std::vector<std::string_view> texts;
  for (const auto fault :
       {RecordFault::kTooShort, RecordFault::kUnknownFormat, RecordFault::kWrongLength,
        RecordFault::kPayloadTooLong, RecordFault::kBadStreamName, RecordFault::kUnknownPayloadForm,
        RecordFault::kWrongChecksum}) {
    for (const auto text : texts) EXPECT_NE(text, describe(fault));
    texts.push_back(describe(fault));
  }
}

}  // namespace
}  // namespace runledger::eventlog
