// `runledger log export` and `log import` as a user sees them: files, exit codes, the JSON.
#include "api/cli/log_exchange.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/cli/failure.h"
#include "eventlog/rocksdb_storage.h"
#include "eventlog/zstd_stream.h"
#include "tests/log_cli/log_command.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogExchangeCommand : public LogCommand {
 protected:
  LogExchangeCommand() : LogCommand({add_log_export, add_log_import}, R"({"n":1})") {}

  fs::path file() const { return directory_ / "export.ndjson"; }
  fs::path copy() const { return directory_ / "copy"; }

  static std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()));
  }
};

TEST_F(LogExchangeCommand, WritesAFileAndMakesALogOfIt) {
  ASSERT_EQ(run({"export", "--json", data(), file()}), 0) << err_;
  const auto exported = nlohmann::json::parse(out_);
  EXPECT_EQ(exported.at("events"), 5);
  EXPECT_EQ(exported.at("bytes"), fs::file_size(file()));
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_EQ(run({"import", "--json", file(), copy()}), 0) << err_;
  const auto imported = nlohmann::json::parse(out_);
  EXPECT_EQ(imported.at("events"), 5);
  EXPECT_EQ(imported.at("hash"), exported.at("hash"));
  EXPECT_EQ(imported.at("checkpoints"), 1);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(eventlog::RocksDbStorage(copy() / "log").log().head(), 5u);
  EXPECT_EQ(entries(), 3u);
}

TEST_F(LogExchangeCommand, WritesToStandardOutputWithoutAFile) {
  ASSERT_EQ(run({"export", data()}), 0);
  EXPECT_THAT(out_, StartsWith(R"({"specversion":"1.0","id":"start-0-5")"));
  EXPECT_THAT(err_, HasSubstr("events  5\n"));
  const std::string lines = out_;
  ASSERT_EQ(run({"export", data(), "-"}), 0);
  EXPECT_EQ(out_, lines);
  ASSERT_EQ(run({"export", data(), file()}), 0);
  EXPECT_EQ(content(file()), lines);
}

TEST_F(LogExchangeCommand, CompressesWhenAskedOrByTheFileName) {
  ASSERT_EQ(run({"export", "--zstd", data(), file()}), 0);
  EXPECT_TRUE(eventlog::is_zstd(content(file())));
  const fs::path named = directory_ / "export.ndjson.zst";
  ASSERT_EQ(run({"export", data(), named}), 0);
  EXPECT_EQ(content(named), content(file()));
  ASSERT_EQ(run({"export", "--zstd", data()}), 0);
  EXPECT_EQ(out_, content(file()));
  EXPECT_EQ(run({"import", named, copy()}), 0) << err_;
}

TEST_F(LogExchangeCommand, WritesAPart) {
  ASSERT_EQ(run({"export", "--json", data(), file(), "--from", "2", "--to", "4"}), 0) << err_;
  const auto exported = nlohmann::json::parse(out_);
  EXPECT_EQ(exported.at("from"), 2);
  EXPECT_EQ(exported.at("to"), 4);
  EXPECT_EQ(exported.at("events"), 2);
  EXPECT_EQ(run({"import", file(), copy()}), 65);
  EXPECT_THAT(err_, HasSubstr("for reading"));
  EXPECT_FALSE(fs::exists(copy()));
}

TEST_F(LogExchangeCommand, SaysWhatIsNotThere) {
  EXPECT_EQ(run({"export", directory_ / "none", file()}), 66);
  EXPECT_THAT(err_, HasSubstr("none"));
  EXPECT_EQ(run({"export", data(), file(), "--from", "6"}), 66);
  EXPECT_THAT(err_, HasSubstr("the log has 5 events"));
  EXPECT_EQ(run({"export", data(), file(), "--to", "6"}), 66);
  EXPECT_EQ(run({"import", file(), copy()}), 66);
  EXPECT_EQ(run({"export", data(), file(), "--from", "4", "--to", "3"}), 64);
  EXPECT_EQ(entries(), 1u);
}

TEST_F(LogExchangeCommand, RefusesNumbersThatAreNone) {
  for (const std::string number : {"-1", "x", "18446744073709551616", "1.5"}) {
    EXPECT_THROW(run({"export", data(), file(), "--from", number}), CLI::ParseError) << number;
  }
}

TEST_F(LogExchangeCommand, LeavesTheFileThatWasThereIfItFails) {
  std::ofstream(file()) << "older";
  eventlog::test::flip(eventlog::test::files_with(data() / "log", ".sst").front(), 30, 1);
  EXPECT_EQ(run({"export", data(), file()}), 65);
  EXPECT_EQ(content(file()), "older");
  EXPECT_EQ(entries(), 2u);
}

TEST_F(LogExchangeCommand, ReplacesTheFileThatWasThere) {
  std::ofstream(file()) << "older";
  EXPECT_EQ(run({"export", data(), file()}), 0);
  EXPECT_THAT(content(file()), StartsWith("{"));
  EXPECT_EQ(entries(), 2u);
}

TEST_F(LogExchangeCommand, WritesToADeviceWithoutReplacingIt) {
  EXPECT_EQ(run({"export", data(), "/dev/null"}), 0) << err_;
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(run({"export", data(), "/dev/full"}), 74);
  EXPECT_THAT(err_, HasSubstr("/dev/full"));
}

TEST_F(LogExchangeCommand, SaysWhereItCannotWrite) {
  EXPECT_EQ(run({"export", data(), directory_ / "no/file"}), 73);
  EXPECT_EQ(run({"export", data(), directory_.path()}), 73);
  ASSERT_EQ(run({"export", data(), file()}), 0);
  EXPECT_EQ(run({"import", file(), data()}), 73);
  EXPECT_THAT(err_, HasSubstr("choose a new one"));
  EXPECT_EQ(run({"import", file(), directory_ / "no/copy"}), 73);
  EXPECT_EQ(entries(), 2u);
}

TEST_F(LogExchangeCommand, SaysWhatIsWrongWithAFile) {
  ASSERT_EQ(run({"export", data(), file()}), 0);
  eventlog::test::flip(file(), fs::file_size(file()) / 2, 1);
  EXPECT_EQ(run({"import", file(), copy()}), 65);
  EXPECT_THAT(err_, HasSubstr("export.ndjson: Line "));
  EXPECT_THAT(err_, HasSubstr(", offset "));
  EXPECT_EQ(out_, "");
  EXPECT_EQ(run({"import", data(), copy()}), 74);  // a directory cannot be read
  EXPECT_EQ(run({"import", "/dev/null", copy()}), 65);
  EXPECT_THAT(err_, HasSubstr("the file is empty"));
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
}  // namespace runledger::cli
