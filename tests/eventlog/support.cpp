#include "tests/eventlog/support.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>

#include "eventlog/fence.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

std::string random_text(std::mt19937_64& random, std::size_t bytes_max) {
  std::string text(random() % (bytes_max + 1), '\0');
  for (auto& byte : text) byte = static_cast<char>(random());
  return text;
}

}  // namespace

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "runledger-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Stored::Stored(const RecordView& record)
    : offset(record.offset),
      idx(record.idx),
      time_us(record.time_us),
      version(record.version),
      stream(record.stream),
      tenant(record.tenant),
      owner(record.owner),
      type(record.type),
      actor(record.actor),
      command_id(record.command_id),
      payload(record.payload) {}

std::ostream& operator<<(std::ostream& out, const Stored& record) {
  return out << record.offset << " " << record.stream << "#" << record.idx << " " << record.type
             << "." << record.version << " (" << record.payload.size() << " bytes)";
}

NewEvent event(std::string payload) {
  NewEvent made;
  made.time_us = 1'700'000'000'000'000;
  made.tenant = "acme";
  made.owner = "alice";
  made.type = "run.created";
  made.actor = "user:alice";
  made.command_id = "c-1";
  made.payload = std::move(payload);
  return made;
}

StreamAppend item(std::string stream, StreamIndex expected_idx, std::vector<NewEvent> events) {
  return {std::move(stream), expected_idx, std::move(events)};
}

AppendResult append_one(Storage& storage, const std::string& stream, const std::string& payload) {
  const auto expected = storage.log().stream_head(stream);
  const std::vector items = {item(stream, expected, {event(payload)})};
  const auto results = storage.commit(items, {});
  EXPECT_EQ(results.at(0).status, AppendStatus::kAppended) << results.at(0).detail;
  return results.at(0);
}

std::vector<Stored> read_all(const Storage& storage, Offset from) {
  std::vector<Stored> found;
  storage.log().read(from, [&](const RecordView& record) {
    found.emplace_back(record);
    return true;
  });
  return found;
}

std::vector<Stored> read_stream(const Storage& storage, std::string_view stream, StreamIndex from) {
  std::vector<Stored> found;
  storage.log().read_stream(stream, from, [&](const RecordView& record) {
    found.emplace_back(record);
    return true;
  });
  return found;
}

RowMap read_rows(const Storage& storage) {
  RowMap found;
  storage.rows().scan("", "", [&](std::string_view key, std::string_view value) {
    found.emplace(key, value);
    return true;
  });
  return found;
}

void History::remember() {
  moments_.push_back({shadow_.log().head(), read_rows(shadow_)});
}

void History::commit(Storage& storage, int times) {
  for (int i = 0; i < times; ++i) {
    std::vector<StreamAppend> items;
    std::map<std::string, StreamIndex> heads;
    for (auto left = 1 + random_() % 3; left > 0; --left) {
      const std::string stream = "run_" + std::to_string(random_() % 20);
      auto& next = heads.try_emplace(stream, shadow_.log().stream_head(stream)).first->second;
      items.push_back(item(stream, next, {}));
      for (auto events = 1 + random_() % 2; events > 0; --events, ++next) {
        items.back().events.push_back(event(random_text(random_, 400)));
      }
    }
    std::vector<RowChange> rows = {{"count", std::to_string(moments_.size())}};
    for (auto left = random_() % 4; left > 0; --left) {
      RowChange row{"row_" + std::to_string(random_() % 50), std::nullopt};
      if (random_() % 4 != 0) row.value = random_text(random_, 100);
      rows.push_back(std::move(row));
    }
    ASSERT_EQ(storage.commit(items, rows).at(0).status, AppendStatus::kAppended);
    ASSERT_EQ(shadow_.commit(items, rows).at(0).status, AppendStatus::kAppended);
    remember();
  }
}

void History::expect_state_since(const Storage& storage, std::size_t commits_min) const {
  const auto moment = std::find_if(moments_.begin(), moments_.end(), [&](const Moment& known) {
    return known.head == storage.log().head();
  });
  ASSERT_NE(moment, moments_.end()) << "head " << storage.log().head() << " was never a head";
  EXPECT_GE(moment - moments_.begin(), static_cast<std::ptrdiff_t>(commits_min));
  EXPECT_EQ(storage.rows_offset(), moment->head);
  EXPECT_EQ(read_rows(storage), moment->rows);

  auto expected = read_all(shadow_);
  expected.resize(moment->head);
  EXPECT_EQ(read_all(storage), expected);
  std::map<std::string, std::vector<Stored>> streams;
  for (const auto& record : expected) streams[record.stream].push_back(record);
  for (const auto& [stream, records] : streams) {
    EXPECT_EQ(read_stream(storage, stream), records) << stream;
    EXPECT_EQ(storage.log().stream_head(stream), records.size()) << stream;
  }
}

std::vector<fs::path> files_with(const fs::path& directory, std::string_view part_of_name) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.find(part_of_name) != std::string::npos) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

fs::path newest_wal(const fs::path& directory) {
  return files_with(directory, ".log").back();
}

void copy_as_crashed(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to);
  fs::remove(fence_file(to));
  if (fs::exists(fence_file(from))) fs::copy(fence_file(from), fence_file(to));
}

void flip(const fs::path& file, std::uintmax_t at, unsigned char mask) {
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(at));
  const int byte = bytes.get();
  ASSERT_NE(byte, EOF) << file << " at " << at;
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(byte ^ mask));
}

void cut_end(const fs::path& file, std::uintmax_t bytes) {
  fs::resize_file(file, fs::file_size(file) - bytes);
}

}  // namespace runledger::eventlog::test
