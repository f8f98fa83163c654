// RocksDB's own log file: whatever happens to it, the log of events goes on.
#include "eventlog/info_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(InfoLog, StartsAnewWhenItIsLong) {
  TempDir directory;
  const auto log = make_info_log(directory.path(), 10);
  rocksdb::Log(log, "the first line, number %d", 1);
  rocksdb::Log(log, "the second");
  EXPECT_NE(content_of(directory / "LOG.old").find("Z the first line, number 1\n"),
            std::string::npos);
  EXPECT_NE(content_of(directory / "LOG").find("Z the second\n"), std::string::npos);
  rocksdb::Log(log, "the third");
  EXPECT_NE(content_of(directory / "LOG.old").find("the second"), std::string::npos);
}

// RocksDB's own writer would end the process at the second line.
TEST(InfoLog, ThatCannotBeWrittenIsDoneWithout) {
  TempDir directory;
  fs::create_directory(directory / "log");
  fs::create_symlink("/dev/full", directory / "log" / "LOG");
  {
    RocksDbStorage storage(directory / "log");
    append_one(storage, "a", "x");
  }
  EXPECT_EQ(RocksDbStorage(directory / "log").log().head(), 1u);
}

TEST(InfoLog, OfAnOpenForReadingIsNone) {
  TempDir directory;
  { RocksDbStorage storage(directory / "log"); }
  const std::string before = content_of(directory / "log" / "LOG");
  EXPECT_NE(before, "");
  open_read_only(directory / "log");
  EXPECT_EQ(content_of(directory / "log" / "LOG"), before);
  EXPECT_FALSE(fs::exists(directory / "log" / "LOG.old"));
}

}  // namespace
}  // namespace runledger::eventlog::test
