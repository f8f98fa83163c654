// `runledger log stats`, `log backup` and `log restore` as a user sees them.
#include "api/cli/log_backup.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "eventlog/rocksdb_storage.h"
#include "tests/log_cli/log_command.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class LogBackupCommand : public LogCommand {
 protected:
  LogBackupCommand() : LogCommand({add_log_stats, add_log_backup, add_log_restore}, "x") {}
};

TEST_F(LogBackupCommand, MakesABackupThatCanBeRestored) {
  ASSERT_EQ(run({"backup", "--json", data(), directory_ / "backups"}), 0) << err_;
  const auto made = nlohmann::json::parse(out_);
  EXPECT_EQ(made.at("events"), 5);
  ASSERT_EQ(run({"restore", made.at("backup"), directory_ / "new"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("events  5\n"));
  EXPECT_EQ(eventlog::RocksDbStorage(directory_ / "new/log").log().head(), 5u);
}

TEST_F(LogBackupCommand, SaysWhyItDoesNotRestore) {
  EXPECT_EQ(run({"restore", directory_ / "none", directory_ / "new"}), 66);
  EXPECT_THAT(err_, HasSubstr("none"));
  EXPECT_EQ(out_, "");
}

TEST_F(LogBackupCommand, TellsWhatIsWrongByItsExitCode) {
  for (const char* command : {"backup", "stats"}) {
    std::vector<std::string> arguments = {command, directory_ / "none"};
    if (arguments.front() == "backup") arguments.push_back(directory_ / "backups");
    EXPECT_EQ(run(arguments), 66) << command;
    arguments[1] = directory_.path();  // no data directory
    EXPECT_EQ(run(arguments), 65) << command;
  }
  EXPECT_EQ(run({"backup", data(), data()}), 73);
  ASSERT_EQ(run({"backup", "--json", data(), directory_ / "backups"}), 0) << err_;
  EXPECT_EQ(run({"restore", nlohmann::json::parse(out_).at("backup"), data()}), 73);
}

TEST_F(LogBackupCommand, SpeaksJsonOfAnyName) {
  const std::string target = (directory_ / "backups-\xff").string();
  ASSERT_EQ(run({"backup", "--json", data(), target}), 0) << err_;
  EXPECT_EQ(nlohmann::json::parse(out_).at("events"), 5);
}

TEST_F(LogBackupCommand, ShowsFigures) {
  ASSERT_EQ(run({"stats", "--json", data()}), 0) << err_;
  const auto figures = nlohmann::json::parse(out_);
  EXPECT_EQ(figures.at("events"), 5);
  EXPECT_EQ(figures.at("checkpoints"), 1);
  EXPECT_EQ(figures.at("wal_bytes"), 0);
  EXPECT_GT(figures.at("log_bytes"), 0);
}

}  // namespace
}  // namespace runledger::cli
