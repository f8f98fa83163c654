// The commands of `runledger log` on a log of a few events, run as the command line runs them.
#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/eventlog/support.h"

namespace runledger::cli {

class LogCommand : public ::testing::Test {
 protected:
  using AddCommand = void (*)(CLI::App& log, std::function<int()>& chosen);

  LogCommand(std::vector<AddCommand> commands, const std::string& payload)
      : commands_(std::move(commands)) {
    const eventlog::DataDirectory directory(data());
    eventlog::RocksDbStorage storage(directory.paths().log());
    for (int i = 0; i < 5; ++i) eventlog::test::append_one(storage, "a", payload);
  }

  std::filesystem::path data() const { return directory_ / "data"; }

  // Gives the exit code.
  int run(const std::vector<std::string>& arguments) {
    CLI::App app;
    std::function<int()> chosen;
    CLI::App* log = app.add_subcommand("log");
    for (const AddCommand add : commands_) add(*log, chosen);
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    reversed.push_back("log");
    app.parse(reversed);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int exit_code = chosen();
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return exit_code;
  }

  eventlog::test::TempDir directory_;
  std::string out_;
  std::string err_;

 private:
  std::vector<AddCommand> commands_;
};

}  // namespace runledger::cli
