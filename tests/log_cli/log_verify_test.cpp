// `runledger log verify` and `log checkpoint export` as a user sees them: exit codes, the first
// line, the JSON.
#include "api/cli/log_verify.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "eventlog/rocksdb_storage.h"
#include "tests/log_cli/log_command.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;
using eventlog::test::append_one;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LogVerifyCommand : public LogCommand {
 protected:
  struct Ran {
    int exit_code = -1;
    std::string out;
    std::string err;
  };

  LogVerifyCommand() : LogCommand({add_log_verify, add_log_checkpoint}, "x") {}

  Ran run(const std::vector<std::string>& arguments) {
    const int exit_code = LogCommand::run(arguments);
    return {exit_code, out_, err_};
  }

  fs::path write_witness(const std::string& text) const {
    const fs::path file = directory_ / "witness.json";
    std::ofstream(file) << text;
    return file;
  }
};

TEST_F(LogVerifyCommand, SaysThatALogIsSound) {
  const Ran ran = run({"verify", data()});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, StartsWith("sound: 5 events, hash "));
  EXPECT_EQ(ran.err, "");
}

TEST_F(LogVerifyCommand, NamesTheOffsetOfDamageInItsFirstLine) {
  fs::remove(eventlog::test::files_with(data() / "log", ".sst").front());
  const Ran ran = run({"verify", data()});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, StartsWith("damaged at offset 0: "));
}

TEST_F(LogVerifyCommand, SaysThatItCouldNotLook) {
  const Ran ran = run({"verify", directory_ / "nothing"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("nothing"));
  EXPECT_EQ(run({"verify", data(), "--witness", directory_ / "none"}).exit_code, 2);
  EXPECT_EQ(run({"verify", data(), "--witness", write_witness("{}")}).exit_code, 2);
}

TEST_F(LogVerifyCommand, TakesAnExportedCheckpointAsWitness) {
  const Ran exported = run({"checkpoint", "export", data()});
  EXPECT_EQ(exported.exit_code, 0);
  const auto witness = write_witness(exported.out);
  EXPECT_EQ(run({"verify", data(), "--witness", witness}).exit_code, 0);

  fs::remove_all(data() / "log");
  fs::remove(data() / "log.fence");
  fs::remove(data() / "log.key");
  {
    eventlog::RocksDbStorage storage(data() / "log");
    for (int i = 0; i < 9; ++i) append_one(storage, "a", "forged");
  }
  const Ran ran = run({"verify", data(), "--witness", witness});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, StartsWith("damaged at offset 4: the witness's checkpoint"));
}

TEST_F(LogVerifyCommand, PrintsJson) {
  const Ran ran = run({"verify", "--json", data()});
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("sound"), true);
  EXPECT_EQ(json.at("events"), 5);
  EXPECT_EQ(json.at("fence"), true);
  EXPECT_EQ(json.at("checkpoints"), 1);
}

TEST_F(LogVerifyCommand, PrintsDamageInJsonWhateverTheDirectoryIsCalled) {
  const fs::path named = directory_ / "data-\xff";
  fs::rename(data(), named);
  fs::remove_all(named / "log");
  const Ran ran = run({"verify", "--json", named});
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  EXPECT_EQ(nlohmann::json::parse(ran.out).at("sound"), false);
}

TEST_F(LogVerifyCommand, PrintsTheOffsetInJson) {
  fs::remove_all(data() / "log");
  const auto json = nlohmann::json::parse(run({"verify", "--json", data()}).out);
  EXPECT_EQ(json.at("sound"), false);
  EXPECT_EQ(json.at("offset"), 0);
}

}  // namespace
}  // namespace runledger::cli
