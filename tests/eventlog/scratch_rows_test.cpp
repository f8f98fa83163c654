#include "eventlog/scratch_rows.h"

#include <gtest/gtest.h>

#include <fstream>

#include "eventlog/row_cursor.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

std::size_t entries_of(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), {}));
}

RowMap all_by_cursor(const RowStore& rows) {
  RowMap all;
  std::string last;
  for (RowCursor cursor(rows); !cursor.at_end(); cursor.next()) {
    EXPECT_TRUE(all.empty() || last < cursor.key());
    last = cursor.key();
    all.emplace(cursor.key(), cursor.value());
  }
  return all;
}

TEST(ScratchRows, KeepRowsWhileTheyAreThereAndLeaveNothing) {
  TempDir parent;
  std::ofstream(parent / "FORMAT") << "not ours to touch";
  {
    ScratchRows scratch(parent.path());
    scratch.put(std::vector<RowChange>{{"a", "1"}, {"b", "1"}, {"c", "1"}});
    scratch.put(std::vector<RowChange>{{"a", "2"}, {"b", std::nullopt}});
    EXPECT_EQ(all_by_cursor(scratch.rows()), (RowMap{{"a", "2"}, {"c", "1"}}));
    EXPECT_EQ(scratch.directory().parent_path(), parent.path());
  }
  EXPECT_EQ(entries_of(parent.path()), 1u);
}

TEST(ScratchRows, RemoveWhatAnEndedProcessLeftAndNothingElse) {
  TempDir parent;
  fs::create_directories(parent / "scratch-left" / "rows");
  std::ofstream(parent / "scratch-left" / "IN-USE");
  std::ofstream(parent / "scratch-left" / "rows" / "000001.sst") << "x";
  fs::create_directories(parent / "scratch-early");  // it ended before it had made its lock
  fs::create_directories(parent / "log");
  const ScratchRows first(parent.path());
  EXPECT_FALSE(fs::exists(parent / "scratch-left"));
  EXPECT_FALSE(fs::exists(parent / "scratch-early"));
  const ScratchRows second(parent.path());
  EXPECT_TRUE(fs::exists(first.directory()));
  EXPECT_NE(first.directory(), second.directory());
  EXPECT_TRUE(fs::exists(parent / "log"));
}

TEST(ScratchRows, SayWhyTheyCannotBeMade) {
  TempDir parent;
  EXPECT_THROW(ScratchRows(parent / "missing"), std::system_error);
}

TEST(RowCursor, GoesThroughManyPagesOfRowsSmallAndLarge) {
  MemoryStorage storage;
  std::vector<RowChange> rows;
  for (int i = 0; i < 3000; ++i) {
    rows.push_back({"key-" + std::to_string(i), std::string(i % 500 == 0 ? 700'000 : 3, 'x')});
  }
  rows.push_back({"", "the empty key"});
  rows.push_back({"key-1" + std::string(1, '\0'), "right behind another"});
  storage.commit_rows(rows, 0);
  EXPECT_EQ(all_by_cursor(storage.rows()), read_rows(storage));
  EXPECT_EQ(all_by_cursor(storage.rows()).size(), rows.size());
}

TEST(RowCursor, IsAtTheEndOfNothing) {
  const MemoryStorage storage;
  EXPECT_TRUE(RowCursor(storage.rows()).at_end());
}

}  // namespace
}  // namespace runledger::eventlog::test
