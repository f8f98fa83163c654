// `runledger log rebuild` as a user sees it: beside a server, on rows that are wrong, mending them.
#include <gtest/gtest.h>

#include <fstream>

#include "eventlog/rocksdb_storage.h"
#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

constexpr const char* kSmall = R"({"task":"image","input":{"prompt":"x","width":16,"height":16}})";

// A server that has done a run.
class LogRebuild : public ::testing::Test {
 protected:
  LogRebuild() {
    server_.start();
    auto http = server_.session();
    run_id_ = http.post("/v1/runs", kSmall).json()["run_id"].get<std::string>();
    Json page{{"status", "pending"}, {"next_offset", 0}};
    while (page["status"] != "succeeded") {
      page = http.get("/v1/runs/" + run_id_ + "/events?wait=10&from=" + page["next_offset"].dump())
                 .json();
    }
  }

  Finished rebuild(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"log", "rebuild", server_.data().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return server_.run(arguments);
  }
  Json rebuild_json(int exit_code, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = more;
    arguments.emplace_back("--json");
    const Finished finished = rebuild(arguments);
    EXPECT_EQ(finished.exit_code, exit_code) << finished.out << finished.err;
    return Json::parse(finished.out, nullptr, false);
  }
  void put(const std::string& key, std::optional<std::string> value) {
    eventlog::RocksDbStorage storage(server_.data() / "log");
    const eventlog::RowChange change{key, std::move(value)};
    storage.commit_rows({&change, 1}, storage.rows_offset());
  }
  std::size_t scratch_directories() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(server_.data())) {
      if (entry.path().filename().string().starts_with("scratch-")) ++count;
    }
    return count;
  }

  ServerProcess server_;
  std::string run_id_;
};

TEST_F(LogRebuild, FindsBesideARunningServerThatItsRowsAreTheFold) {
  const Json report = rebuild_json(0);
  EXPECT_EQ(report["same"], true);
  EXPECT_EQ(report["differences"], 0);
  EXPECT_EQ(report["digest"], report["stored_digest"]);
  EXPECT_EQ(report["rows"], report["stored_rows"]);
  EXPECT_GE(report["events"], 8);
  const Finished text = rebuild();
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.out.rfind("same: ", 0), 0u) << text.out;
  EXPECT_NE(text.out.find("state digest " + report["digest"].get<std::string>()),
            std::string::npos);
  EXPECT_EQ(server_.session().get("/v1/runs/" + run_id_).status, 200);
  EXPECT_EQ(scratch_directories(), 0u);
}

TEST_F(LogRebuild, ReplacesNothingBesideARunningServer) {
  const Finished refused = rebuild({"--replace"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("in use by process"), std::string::npos) << refused.err;
}

TEST_F(LogRebuild, NamesWrongRowsAndMendsThem) {
  const std::string digest = rebuild_json(0)["digest"];
  server_.stop();
  put("run/" + run_id_, "{}");
  put("active/nothing", "");
  const Finished different = rebuild();
  EXPECT_EQ(different.exit_code, 1);
  for (const std::string& part : {std::string("different: 2 rows"), "different \"run/" + run_id_,
                                  std::string("extra     \"active/nothing\"")}) {
    EXPECT_NE(different.out.find(part), std::string::npos) << different.out;
  }
  const Json report = rebuild_json(1);
  EXPECT_EQ(report["digest"], digest);
  EXPECT_NE(report["stored_digest"], digest);
  EXPECT_EQ(report["first"][0], (Json{{"key", "active/nothing"}, {"what", "extra"}}));

  const Json mended = rebuild_json(0, {"--replace"});
  EXPECT_EQ(mended["same"], false);
  EXPECT_EQ(mended["replaced"], true);
  EXPECT_EQ(mended["differences"], 2);
  EXPECT_EQ(rebuild_json(0)["stored_digest"], digest);
  server_.start({0, {}, false});
  EXPECT_EQ(server_.session().get("/v1/runs/" + run_id_).json()["status"], "succeeded");
}

TEST_F(LogRebuild, RemovesWhatAKilledRebuildLeft) {
  std::filesystem::create_directories(server_.data() / "scratch-killed/rows");
  std::ofstream(server_.data() / "scratch-killed/IN-USE");
  EXPECT_EQ(rebuild().exit_code, 0);
  EXPECT_EQ(scratch_directories(), 0u);
}

TEST(LogRebuildCommand, SaysThatItCouldNotLook) {
  core::testing::TemporaryDirectory scratch;
  const auto exit_code = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {runledger_binary(), "log", "rebuild",
                                        (scratch.path() / "nothing").string()};
    command.insert(command.end(), more.begin(), more.end());
    return run_command(command, {}, scratch.path()).exit_code;
  };
  EXPECT_EQ(exit_code({}), 2);
  EXPECT_EQ(exit_code({"--replace"}), 2);
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "nothing"));
}

}  // namespace
}  // namespace runledger::e2e
