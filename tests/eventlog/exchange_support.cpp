#include "tests/eventlog/exchange_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::eventlog::test {

namespace fs = std::filesystem;

std::size_t TextSource::read(std::span<char> into) {
  const std::size_t got = std::min({rest_.size(), into.size(), piece_bytes_});
  std::copy_n(rest_.begin(), got, into.begin());
  rest_.remove_prefix(got);
  return got;
}

std::string export_text(const fs::path& data, const ExportOptions& options) {
  std::string text;
  const auto report = export_log(inspect_data_directory(data).log(), options,
                                 [&](std::string_view bytes) { text += bytes; });
  EXPECT_EQ(report.bytes, text.size());
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string import_text(std::string_view text, const fs::path& data) {
  TextSource source(text);
  try {
    import_log(source, data);
    return "";
  } catch (const ImportRefused& refused) {
    return refused.what();
  }
}

RowMap raw_rows(const fs::path& data) {
  RowMap rows;
  const Database database(DataPaths{.root = data}.log(), {}, Database::Mode::kReadOnly);
  const std::vector<std::pair<std::string, rocksdb::ColumnFamilyHandle*>> families = {
      {"log ", database.log()},
      {"streams ", database.streams()},
      {"commits ", database.commits()},
      {"checkpoints ", database.checkpoints()}};
  for (const auto& [name, family] : families) {
    const std::unique_ptr<rocksdb::Iterator> it(database.db().NewIterator({}, family));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows.emplace(name + it->key().ToString(), it->value().ToString());
    }
    EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  }
  return rows;
}

void make_small_log(const fs::path& data) {
  const DataDirectory directory(data);
  RocksDbOptions options;
  options.checkpoint_commits_max = 2;
  RocksDbStorage storage(directory.paths().log(), options);
  const std::vector<std::vector<StreamAppend>> commits = {
      {item("run_a", 0, {event(R"({"title":"Spring"})"), event("not JSON")}),
       item("sys/access", 0, {event("{}")})},
      {item("run_a", 2, {event(R"({"secret":"to be erased"})")})},
      {item("run_b", 0, {event("[1,2]"), event("\"two\"")})}};
  const std::vector<RowChange> rows = {{"row", "value"}};
  for (const auto& items : commits) {
    ASSERT_EQ(storage.commit(items, rows).at(0).status, AppendStatus::kAppended);
  }
  const std::vector<Offset> erased = {3};
  storage.erase_payloads(erased);
}

}  // namespace runledger::eventlog::test
