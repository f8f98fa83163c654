// A database whose bytes are sound but whose content is not: an entry missing, moved or altered.
// The open refuses if it is near the end, a read refuses wherever it is, and the message names the
// place.
#include <gmock/gmock.h>

#include <functional>

#include "eventlog/keys.h"
#include "eventlog/log_position.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

using ::testing::HasSubstr;

constexpr Offset kRecords = 20;  // stream "a" has the even offsets, "b" the odd ones

class WrongRows : public ::testing::Test {
 protected:
  WrongRows() {
    RocksDbStorage storage(directory_ / "log");
    for (Offset i = 0; i < kRecords; ++i) append_one(storage, i % 2 == 0 ? "a" : "b", "payload");
  }

  void change(const std::function<void(Database&, rocksdb::WriteBatch&)>& make) {
    Database database(directory_ / "log", {}, Database::Mode::kReadWrite);
    rocksdb::WriteBatch batch;
    make(database, batch);
    require_ok(database.db().Write({}, &batch), "changing", database.name());
  }

  std::string refusal_of_open() {
    try {
      RocksDbStorage storage(directory_ / "log");
    } catch (const LogError& error) {
      return error.what();
    }
    return "opened";
  }

  // What a read of the whole log or of a stream says when the open has looked at the last record
  // only.
  std::string refusal_of_read(const std::string& stream = "") {
    RocksDbOptions options;
    options.tail_checked_records = 1;
    const RocksDbStorage storage(directory_ / "log", options);
    try {
      stream.empty() ? read_all(storage) : read_stream(storage, stream);
    } catch (const LogError& error) {
      return error.what();
    }
    return "read";
  }

  static std::string record_bytes(Offset offset, const std::string& stream, StreamIndex idx) {
    std::string bytes;
    encode_record(offset, stream, idx, event("payload"), Salt{}, bytes);
    return bytes;
  }

  TempDir directory_;
};

TEST_F(WrongRows, AMissingRecordIsNamed) {
  change([](Database& database, auto& batch) { batch.Delete(database.log(), log_key(6)); });
  EXPECT_THAT(refusal_of_open(), HasSubstr("offset 6 is missing"));
  EXPECT_THAT(refusal_of_read(), HasSubstr("offset 6 is missing"));
  EXPECT_THAT(refusal_of_read("a"), HasSubstr("offset 6"));
  EXPECT_EQ(refusal_of_read("b"), "read");
}

TEST_F(WrongRows, ADamagedRecordIsNamed) {
  change([](Database& database, auto& batch) {
    auto bytes = record_bytes(6, "a", 3);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    batch.Put(database.log(), log_key(6), bytes);
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("offset 6 is damaged: wrong checksum"));
  EXPECT_THAT(refusal_of_read(), HasSubstr("offset 6 is damaged: wrong checksum"));
  EXPECT_THAT(refusal_of_read("a"), HasSubstr("offset 6 is damaged: wrong checksum"));
}

TEST_F(WrongRows, WhatLiesBeforeThePlaceIsReadAndNothingBehindIt) {
  change([](Database& database, auto& batch) {
    batch.Put(database.log(), log_key(8), "no record");
    batch.Delete(database.streams(), stream_key("b", 7));
  });
  RocksDbOptions options;
  options.tail_checked_records = 1;
  const RocksDbStorage storage(directory_ / "log", options);
  for (const auto& [stream, sound] : {std::pair{"a", 4u}, std::pair{"b", 7u}}) {
    std::size_t read = 0;
    EXPECT_THROW(
        storage.log().read_stream(stream, 0, [&](const RecordView&) { return ++read > 0; }),
        LogError);
    EXPECT_EQ(read, sound) << stream;
  }
}

TEST_F(WrongRows, ARecordUnderAnotherKeyIsNamed) {
  change([](Database& database, auto& batch) {
    batch.Put(database.log(), log_key(6), record_bytes(8, "a", 4));
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("offset 6 says that it is the one at offset 8"));
  EXPECT_THAT(refusal_of_read("a"), HasSubstr("offset 6"));
}

TEST_F(WrongRows, AMissingIndexEntryIsNamed) {
  change([](Database& database, auto& batch) {
    batch.Delete(database.streams(), stream_key("a", 3));
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("offset 6 is entry 3 of stream a"));
  EXPECT_THAT(refusal_of_read("a"), HasSubstr("entry 3 of stream a is missing"));
}

TEST_F(WrongRows, AnIndexEntryThatLeadsElsewhereIsNamed) {
  change([](Database& database, auto& batch) {
    batch.Put(database.streams(), stream_key("a", 3), stream_value(7));
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("the index has offset 7"));
  EXPECT_THAT(refusal_of_read("a"), HasSubstr("leads to offset 7, which is entry 3 of stream b"));
}

TEST_F(WrongRows, AMissingLastRecordIsSeenByThePosition) {
  change(
      [](Database& database, auto& batch) { batch.Delete(database.log(), log_key(kRecords - 1)); });
  EXPECT_THAT(refusal_of_open(),
              HasSubstr("end before offset 19, but the position in meta says 20"));
}

TEST_F(WrongRows, AMissingPositionIsRefused) {
  change([](Database& database, auto& batch) {
    batch.Delete(database.meta(), slice(kLogPositionKey));
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("position"));
}

TEST_F(WrongRows, ADamagedPositionIsRefused) {
  change([](Database& database, auto& batch) {
    batch.Put(database.meta(), slice(kLogPositionKey), "something");
  });
  EXPECT_THAT(refusal_of_open(), HasSubstr("the position is damaged"));
}

TEST_F(WrongRows, AForeignKeyIsRefused) {
  change([](Database& database, auto& batch) { batch.Put(database.log(), "\xff", "x"); });
  EXPECT_THAT(refusal_of_open(), HasSubstr("the last key is damaged"));
}

}  // namespace
}  // namespace runledger::eventlog::test
