// Starts that must be refused: a clear message, a non-zero exit, nothing touched.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "eventlog/rocksdb_storage.h"
#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

Finished serve(const std::filesystem::path& scratch, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {runledger_binary(), "serve",     "--listen",
                                      "127.0.0.1:0",      "--workers", "0"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(command, {}, scratch);
}

TEST(Start, IsRefusedWhenAnotherServerHasTheDirectory) {
  ServerProcess server;
  server.start({0, {}, false});
  core::testing::TemporaryDirectory scratch;
  const Finished second = serve(scratch.path(), {"--data", server.data().string()});
  EXPECT_EQ(second.exit_code, 73);
  EXPECT_NE(second.err.find(std::to_string(server.pid())), std::string::npos) << second.err;
  EXPECT_EQ(server.session().get("/v1/meta").status, 200);
}

TEST(Start, IsRefusedInADirectoryOfSomebodyElse) {
  core::testing::TemporaryDirectory scratch;
  const auto data = scratch.path() / "data";
  std::filesystem::create_directory(data);
  std::ofstream(data / "thesis.txt") << "do not touch";
  const Finished refused = serve(scratch.path(), {"--data", data.string()});
  EXPECT_EQ(refused.exit_code, 73) << refused.err;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(data), {}), 1);
}

TEST(Start, IsRefusedOnAFormatOfAnotherVersion) {
  core::testing::TemporaryDirectory scratch;
  const auto data = scratch.path() / "data";
  std::filesystem::create_directory(data);
  std::ofstream(data / "FORMAT") << "runledger-data 999\n";
  const Finished refused = serve(scratch.path(), {"--data", data.string()});
  EXPECT_EQ(refused.exit_code, 73);
  EXPECT_NE(refused.err.find("999"), std::string::npos) << refused.err;
}

TEST(Start, IsRefusedWhenTheDirectoryCannotBeMade) {
  core::testing::TemporaryDirectory scratch;
  std::ofstream(scratch.path() / "file") << "x";
  const Finished refused =
      serve(scratch.path(), {"--data", (scratch.path() / "file/data").string()});
  EXPECT_EQ(refused.exit_code, 73) << refused.err;
}

void change_row(const ServerProcess& server, const eventlog::RowChange& change) {
  eventlog::RocksDbStorage storage(server.data() / "log");
  storage.commit_rows({&change, 1}, storage.rows_offset());
}

TEST(Start, IsRefusedOnTheLogOfANewerBuild) {
  ServerProcess server;
  server.start({0, {}, false});
  server.stop();
  change_row(server, {"event-version/run.teleported/2", "0"});
  const Finished refused = serve(server.directory(), {"--data", server.data().string()});
  EXPECT_EQ(refused.exit_code, 65);
  for (const char* part : {"run.teleported", "version 2", "offset 0", "build that wrote it"}) {
    EXPECT_NE(refused.err.find(part), std::string::npos) << refused.err;
  }
}

TEST(Start, FoldsTheRowsOfAnOlderBuildAgain) {
  ServerProcess server;
  server.start({0, {}, false});
  server.stop();
  change_row(server, {"rows-version", std::nullopt});
  change_row(server, {"token/of-an-old-form", "not JSON"});
  server.start({0, {}, false});
  EXPECT_NE(server.log().find("folded again"), std::string::npos) << server.log();
  EXPECT_EQ(server.session().get("/v1/meta").status, 200);  // the admin's token is known
}

TEST(Start, IsRefusedOnAnAddressInUse) {
  ServerProcess server;
  server.start({0, {}, false});
  core::testing::TemporaryDirectory scratch;
  const Finished second = run_command(
      {runledger_binary(), "serve", "--workers", "0", "--listen",
       "127.0.0.1:" + std::to_string(server.port()), "--data", (scratch.path() / "data").string()},
      {}, scratch.path());
  EXPECT_EQ(second.exit_code, 69) << second.err;
}

TEST(Start, NamesEveryMistakeOfTheConfigurationAtOnce) {
  core::testing::TemporaryDirectory scratch;
  const auto config = scratch.path() / "runledger.toml";
  std::ofstream(config) << "workers = 1000\ncolour = \"red\"\n";
  const Finished refused =
      run_command({runledger_binary(), "serve", "--listen", "nowhere", "--config", config.string(),
                   "--data", (scratch.path() / "data").string()},
                  {}, scratch.path());
  EXPECT_EQ(refused.exit_code, 78);
  for (const char* part : {"workers", "colour", "listen"}) {
    EXPECT_NE(refused.err.find(part), std::string::npos) << refused.err;
  }
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "data"));
}

TEST(Start, PrefersFlagsToTheEnvironmentAndThatToTheFile) {
  core::testing::TemporaryDirectory scratch;
  const auto config = scratch.path() / "runledger.toml";
  std::ofstream(config) << "data = \"" << (scratch.path() / "file/x/y").string()
                        << "\"\nlisten = \"nowhere\"\n";
  std::ofstream(scratch.path() / "file") << "x";  // the data directory of the file cannot be made
  const Finished refused =
      run_command({runledger_binary(), "serve", "--listen", "127.0.0.1:0", "--workers", "0",
                   "--config", config.string()},
                  {"RUNLEDGER_DATA=" + (scratch.path() / "file/env").string()}, scratch.path());
  EXPECT_EQ(refused.exit_code, 73);
  EXPECT_NE(refused.err.find("file/env"), std::string::npos) << refused.err;
}

TEST(Start, LeavesTheTokenToItsOwnerAlone) {
  ServerProcess server;
  server.start({0, {}, false});
  struct stat info {};
  ASSERT_EQ(stat((server.data() / "admin-token").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077, 0u);
  ASSERT_EQ(stat(server.data().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 077, 0u);
}

TEST(CommandLine, TellsUsageErrorsFromOthers) {
  core::testing::TemporaryDirectory scratch;
  const auto exit_code = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), runledger_binary());
    return run_command(arguments, {}, scratch.path()).exit_code;
  };
  EXPECT_EQ(exit_code({"--help"}), 0);
  EXPECT_EQ(exit_code({"--version"}), 0);
  EXPECT_EQ(exit_code({}), 64);
  EXPECT_EQ(exit_code({"dance"}), 64);
  EXPECT_EQ(exit_code({"submit", "image"}), 77);  // no token
  EXPECT_EQ(exit_code({"log", "tail", (scratch.path() / "nothing").string()}), 66);
  EXPECT_EQ(exit_code({"log", "tail", scratch.path().string()}), 65);  // no data directory
}

TEST(CommandLine, SaysThatStandardOutputIsFullButNotThatItsReaderIsGone) {
  core::testing::TemporaryDirectory scratch;
  ServerProcess server;
  server.start({0, {}, false});
  const auto shell = [&](const std::string& rest) {
    const std::string command = runledger_binary() + " log tail " + server.data().string() + rest;
    return run_command({"/bin/bash", "-o", "pipefail", "-c", command}, {}, scratch.path());
  };
  const Finished full = shell(" > /dev/full");
  EXPECT_EQ(full.exit_code, 74);
  EXPECT_NE(full.err.find("Standard output"), std::string::npos) << full.err;
  const Finished gone = shell(" | true");
  EXPECT_EQ(gone.exit_code, 0) << gone.err;
  EXPECT_EQ(gone.err, "");
}

}  // namespace
}  // namespace runledger::e2e
