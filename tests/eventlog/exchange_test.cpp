// What was exported and imported is the same log: records, index, commits, checkpoints, hashes.
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "eventlog/data_directory.h"
#include "eventlog/fence.h"
#include "eventlog/keys.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/zstd_stream.h"
#include "tests/eventlog/exchange_support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

class Exchange : public ::testing::Test {
 protected:
  fs::path data() const { return directory_ / "data"; }
  fs::path copy() const { return directory_ / "copy"; }

  // Appends through a storage that writes checkpoints often.
  void write(const std::function<void(RocksDbStorage&)>& append) const {
    const DataDirectory directory(data());
    RocksDbOptions options;
    options.checkpoint_commits_max = 7;
    RocksDbStorage storage(directory.paths().log(), options);
    append(storage);
  }

  void append(const std::vector<NewEvent>& events, const std::string& stream = "run_a") const {
    write([&](RocksDbStorage& storage) {
      const std::vector items = {item(stream, storage.log().stream_head(stream), events)};
      ASSERT_EQ(storage.commit(items, {}).at(0).status, AppendStatus::kAppended);
    });
  }

  void expect_same_log() const {
    EXPECT_EQ(raw_rows(copy()), raw_rows(data()));
    const VerifyReport verified = verify_log(copy() / "log", {});
    EXPECT_FALSE(verified.damage);
    EXPECT_TRUE(verified.has_fence);
    EXPECT_EQ(verified.chain, verify_log(data() / "log", {}).chain);
    EXPECT_EQ(export_text(copy()), export_text(data()));
  }

  // Nothing but what the test has made itself.
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  TempDir directory_;
};

TEST_F(Exchange, GivesTheSameLogForRandomHistories) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    History history(seed);
    write([&](RocksDbStorage& storage) { history.commit(storage, 60); });
    ASSERT_EQ(import_text(export_text(data()), copy()), "") << "seed " << seed;
    expect_same_log();
    fs::remove_all(data());
    fs::remove_all(copy());
  }
}

TEST_F(Exchange, KeepsErasedPayloadsErased) {
  make_small_log(data());
  const std::string text = export_text(data());
  EXPECT_EQ(text.find("to be erased"), std::string::npos);
  ASSERT_EQ(import_text(text, copy()), "");
  expect_same_log();
  EXPECT_EQ(verify_log(copy() / "log", {}).erased_payloads, 1u);
}

TEST_F(Exchange, GivesTheSameForAnEmptyLog) {
  write([](RocksDbStorage&) {});
  const std::string text = export_text(data());
  EXPECT_EQ(lines_of(text).size(), 2u);
  ASSERT_EQ(import_text(text, copy()), "");
  expect_same_log();
  EXPECT_EQ(RocksDbStorage(copy() / "log").log().head(), 0u);
}

TEST_F(Exchange, KeepsEveryKindOfPayload) {
  std::vector<NewEvent> events;
  for (const std::string& payload :
       {std::string(), std::string("{}"), std::string(" {\"a\" : 1.50 } "), std::string("{\n}"),
        std::string("[1]\r"), std::string("\xff\xfe"), std::string("\0", 1), std::string("{}{}"),
        std::string("\"\xe2\x80\xa8\""), std::string(300, '[') + std::string(300, ']'),
        std::string(R"({},"tenant":"other")"), std::string(R"(1,"data":2)"),
        std::string("\xef\xbb\xbf{}"), "\"" + std::string(70'000, 'x') + "\""}) {
    events.push_back(event(payload));
  }
  append(events);
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  expect_same_log();
}

TEST_F(Exchange, KeepsTheLongestPayloads) {
  std::string json(kPayloadBytesMax, 'x');
  json.front() = json.back() = '"';
  append({event(json), event(std::string(kPayloadBytesMax, '\0'))});
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  expect_same_log();
}

TEST_F(Exchange, KeepsEveryKindOfName) {
  for (const std::string& name :
       {std::string("plain"), std::string("\"quoted\\"), std::string("line\nfeed"),
        std::string("caf\xc3\xa9 \xf0\x9f\x98\x80"), std::string("\xff"),
        std::string("base64:AA=="), std::string("\x7f"), std::string("\xc2\x85"),
        std::string("\xef\xbf\xbf"), std::string("\xef\xb7\x90"), std::string(kNameBytesMax, '\\'),
        std::string(kNameBytesMax, '\x01')}) {
    NewEvent named = event("{}");
    named.tenant = named.owner = named.type = named.actor = named.command_id = name;
    append({named}, name);
  }
  NewEvent unnamed = event("{}");
  unnamed.tenant = unnamed.owner = unnamed.type = unnamed.actor = unnamed.command_id = "";
  unnamed.tenant = std::string("\0", 1);
  append({unnamed});
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  expect_same_log();
}

TEST_F(Exchange, KeepsExtremeNumbers) {
  std::vector<NewEvent> events;
  for (const std::int64_t time_us :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
        std::int64_t{-1}, std::int64_t{0}, std::int64_t{-62'135'596'800'000'001},
        std::int64_t{253'402'300'800'000'000}}) {
    events.push_back(event("{}"));
    events.back().time_us = time_us;
    events.back().version = std::numeric_limits<std::uint16_t>::max();
  }
  events.back().version = 0;
  append(events);
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  expect_same_log();
}

TEST_F(Exchange, GivesALogThatGoesOn) {
  History history(4);
  write([&](RocksDbStorage& storage) { history.commit(storage, 20); });
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  {
    RocksDbStorage storage(copy() / "log");
    EXPECT_EQ(storage.rows_offset(), 0u);
    EXPECT_TRUE(read_rows(storage).empty());
    // As a fold of the whole log would leave them.
    std::vector<RowChange> rows;
    for (const auto& [key, value] : read_rows(*open_read_only(data() / "log"))) {
      rows.push_back({key, value});
    }
    storage.commit_rows(rows, storage.log().head());
    history.expect_complete(storage);
    history.commit(storage, 5);
    history.expect_complete(storage);
  }
  EXPECT_FALSE(verify_log(copy() / "log", {}).damage);
}

TEST_F(Exchange, HasNoKeyAndAFenceOfItsHead) {
  make_small_log(data());
  ASSERT_EQ(import_text(export_text(data()), copy()), "");
  EXPECT_FALSE(fs::exists(copy() / "log.key"));
  EXPECT_EQ(read_fence(fence_file(copy() / "log")), verify_log(data() / "log", {}).chain);
  EXPECT_EQ(fs::status(copy()).permissions(), fs::perms::owner_all);
}

TEST_F(Exchange, GivesTheSameBytesEveryTime) {
  make_small_log(data());
  EXPECT_EQ(export_text(data()), export_text(data()));
}

// What CloudEvents 1.0.2 and its JSON format ask of every event.
TEST_F(Exchange, WritesCloudEvents) {
  make_small_log(data());
  NewEvent odd = event("\xff");
  odd.type = "";
  odd.time_us = std::numeric_limits<std::int64_t>::max();
  append({odd}, "\x01");
  const std::string lower_or_digit = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (const std::string& line : lines_of(export_text(data()))) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json.at("specversion"), "1.0");
    for (const char* required : {"id", "source", "type"}) {
      EXPECT_FALSE(json.at(required).get<std::string>().empty()) << line;
    }
    EXPECT_LE(json.count("data") + json.count("data_base64"), 1u) << line;
    for (const auto& [name, value] : json.items()) {
      if (name == "data" || name == "data_base64") continue;
      EXPECT_EQ(name.find_first_not_of(lower_or_digit), std::string::npos) << line;
      EXPECT_LE(name.size(), 20u);
      if (value.is_string()) continue;
      ASSERT_TRUE(value.is_number_unsigned()) << line;
      EXPECT_LE(value.get<std::uint64_t>(), 0x7fffffffu) << line;
    }
  }
}

TEST_F(Exchange, WritesAPartInWholeCommits) {
  make_small_log(data());  // commits of 3, 1 and 2 events
  const auto from_and_to = [&](Offset from, Offset to) {
    ExportOptions options;
    options.from = from;
    options.to = to;
    const auto lines = lines_of(export_text(data(), options));
    const std::string id = lines.back().substr(lines.back().find("end-"));
    return id.substr(0, id.find('"'));
  };
  EXPECT_EQ(from_and_to(1, 2), "end-0-3");
  EXPECT_EQ(from_and_to(3, 4), "end-3-4");
  EXPECT_EQ(from_and_to(2, 5), "end-0-6");
  EXPECT_EQ(from_and_to(6, 6), "end-6-6");
  EXPECT_EQ(from_and_to(0, 0), "end-0-0");
  EXPECT_THROW(from_and_to(4, 7), std::out_of_range);
  EXPECT_THROW(from_and_to(4, 3), std::out_of_range);
}

TEST_F(Exchange, OfTheBeginningIsTheLogAsItWas) {
  History history(5);
  write([&](RocksDbStorage& storage) { history.commit(storage, 9); });
  const std::string before = export_text(data());
  const Offset head = verify_log(data() / "log", {}).chain.head;
  write([&](RocksDbStorage& storage) { history.commit(storage, 9); });
  ExportOptions options;
  options.to = head;
  EXPECT_EQ(export_text(data(), options), before);
}

TEST_F(Exchange, OfALaterPartIsForReading) {
  make_small_log(data());
  ExportOptions options;
  options.from = 3;
  const std::string fault = import_text(export_text(data(), options), copy());
  EXPECT_NE(fault.find("for reading"), std::string::npos) << fault;
  EXPECT_EQ(left(), std::vector<std::string>{"data"});
}

TEST_F(Exchange, OfADamagedLogHasNoEnd) {
  make_small_log(data());
  flip(files_with(data() / "log", ".sst").front(), 30, 1);
  std::string text;
  EXPECT_THROW(export_log(data() / "log", {}, [&](std::string_view bytes) { text += bytes; }),
               LogError);
  EXPECT_EQ(text.find("export.ended"), std::string::npos);
}

TEST_F(Exchange, OfALogWithAWrongCheckpointIsRefused) {
  make_small_log(data());
  const std::string good = raw_rows(data()).at("checkpoints " + log_key(3));
  const std::string cut = good.substr(1);
  auto forged = good;
  char& digit = forged[forged.find("\"signature\":\"") + 13];
  digit = digit == '0' ? '1' : '0';
  for (const auto& [offset, json] :
       std::vector<std::pair<Offset, std::string>>{{3, forged}, {3, cut}, {4, good}}) {
    {
      const Database database(data() / "log", {}, Database::Mode::kReadWrite);
      ASSERT_TRUE(database.db().Put({}, database.checkpoints(), log_key(3), slice(good)).ok());
      ASSERT_TRUE(database.db().Put({}, database.checkpoints(), log_key(offset), slice(json)).ok());
    }
    EXPECT_THROW(export_text(data()), LogError) << json;
  }
}

TEST_F(Exchange, WorksBesideAWriter) {
  History history(6);
  write([&](RocksDbStorage& storage) {
    history.commit(storage, 30);
    ASSERT_EQ(import_text(export_text(data()), copy()), "");
    EXPECT_EQ(read_all(*open_read_only(copy() / "log")), read_all(storage));
    EXPECT_EQ(RocksDbStorage(copy() / "log").chain(), storage.chain());
  });
}

TEST_F(Exchange, TakesAnEmptyDirectoryButNoOther) {
  make_small_log(data());
  const std::string text = export_text(data());
  fs::create_directory(copy());
  EXPECT_EQ(import_text(text, copy()), "");
  EXPECT_THROW(import_text(text, copy()), DataDirectoryError);
  EXPECT_THROW(import_text(text, directory_ / "no/where"), DataDirectoryError);
  std::ofstream(directory_ / "file") << "x";
  EXPECT_THROW(import_text(text, directory_ / "file"), DataDirectoryError);
  expect_same_log();
  EXPECT_EQ(left().size(), 3u);
}

TEST_F(Exchange, EndsWhenItsProgressThrows) {
  History history(7);
  write([&](RocksDbStorage& storage) { history.commit(storage, 5); });
  const std::string text = export_text(data());
  TextSource source(text);
  ImportOptions options;
  options.on_progress = [](Offset, Offset) {
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(import_log(source, copy(), options), std::runtime_error);
  EXPECT_EQ(left(), std::vector<std::string>{"data"});
}

TEST_F(Exchange, HasTheLinesThatTheReadmeShows) {
  std::ifstream readme(RUNLEDGER_EVENTLOG_README);
  std::string line;
  while (std::getline(readme, line) && line != "```ndjson") {
  }
  std::string shown;
  while (std::getline(readme, line) && line != "```") shown += line + "\n";
  ASSERT_EQ(lines_of(shown).size(), 5u);
  ASSERT_EQ(import_text(shown, copy()), "");
  EXPECT_EQ(export_text(copy()), shown);
}

TEST_F(Exchange, GoesThroughCompression) {
  History history(8);
  write([&](RocksDbStorage& storage) { history.commit(storage, 40); });
  const std::string text = export_text(data());
  std::string compressed;
  ZstdWriter writer([&](std::string_view bytes) { compressed += bytes; });
  for (std::size_t at = 0; at < text.size(); at += 777) {
    writer.write(std::string_view(text).substr(at, 777));
  }
  writer.finish();
  EXPECT_LT(compressed.size(), text.size());
  ASSERT_EQ(import_text(compressed, copy()), "");
  expect_same_log();
}

}  // namespace
}  // namespace runledger::eventlog::test
