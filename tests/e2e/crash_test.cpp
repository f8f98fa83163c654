// kill -9 of the real server: whatever was acknowledged is there afterwards, work goes on, polls
// resume.
#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <set>
#include <thread>

#include "core/engine/recovery.h"
#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_storage.h"
#include "tests/e2e/server_process.h"
#include "tests/e2e/submit_load.h"

namespace runledger::e2e {
namespace {

void expect_rows_are_the_fold(const ServerProcess& server) {
  const auto storage =
      eventlog::open_read_only(eventlog::inspect_data_directory(server.data()).log());
  std::map<std::string, std::string> rows;
  storage->rows().scan("", "", [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  EXPECT_EQ(rows, core::fold_rows(storage->log()));
}

TEST(Crash, LosesNoAcknowledgedRunUnderLoad) {
  ServerProcess server;
  std::set<std::string> acknowledged;
  std::mt19937 random(7);
  for (int round = 0; round < 6; ++round) {
    server.start();
    SubmitLoad load(server, 4);
    const std::size_t enough = 20 + random() % 200;
    while (load.acknowledged_count() < enough) std::this_thread::yield();
    server.kill_now();
    load.join();
    for (const auto& [code, count] : load.refusals()) {
      EXPECT_TRUE(code == "queue_full" || code == "overloaded") << code;
    }
    acknowledged.insert(load.acknowledged().begin(), load.acknowledged().end());
    expect_rows_are_the_fold(server);
    const Finished verified = server.run({"log", "verify", server.data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }
  server.start();
  HttpSession http = server.session();
  for (const std::string& run_id : acknowledged) {
    EXPECT_EQ(http.get("/v1/runs/" + run_id).status, 200) << run_id << " is lost";
  }
  EXPECT_GT(acknowledged.size(), 100u);
}

TEST(Crash, IsNotMistakenForALogThatHasLostItsEnd) {
  ServerProcess server;
  server.start({0, {}, false});
  EXPECT_EQ(server.stop(), 0);
  const auto copy = server.directory() / "before";
  std::filesystem::copy(server.data() / "log", copy, std::filesystem::copy_options::recursive);
  server.start();
  HttpSession http = server.session();
  for (int i = 0; i < 3; ++i) {
    http.post("/v1/runs", R"({"task":"image","input":{"prompt":"x","width":16,"height":16}})");
  }
  EXPECT_EQ(server.stop(), 0);
  std::filesystem::remove_all(server.data() / "log");
  std::filesystem::rename(copy, server.data() / "log");  // somebody put back an older copy
  const Finished refused = run_command({runledger_binary(), "serve", "--workers", "0", "--listen",
                                        "127.0.0.1:0", "--data", server.data().string()},
                                       {}, server.directory());
  EXPECT_EQ(refused.exit_code, 65) << refused.err;
  EXPECT_NE(refused.err.find("offset"), std::string::npos) << refused.err;
}

TEST(Crash, LeavesNothingRunningWithoutAWorker) {
  ServerProcess server;
  server.start();
  HttpSession http = server.session();
  const std::string run_id =
      http.post("/v1/runs",
                R"({"task":"image","input":{"prompt":"large","width":2400,"height":2400}})")
          .json()["run_id"];
  const std::string events = "/v1/runs/" + run_id + "/events?wait=10&from=";
  std::size_t from = 0;
  for (bool under_way = false; !under_way;) {
    const Json page = http.get(events + std::to_string(from)).json();
    from = page["next_offset"];
    for (const Json& event : page["events"]) under_way |= event["type"] == "task.progressed";
  }
  server.kill_now();

  server.start({0, {}, false});  // nobody there to work
  HttpSession idle = server.session();
  Json run;
  do {
    run = idle.get("/v1/runs/" + run_id).json();
  } while (run["tasks"][0]["status"] == "running");
  EXPECT_EQ(run["tasks"][0]["status"], "ready");
  EXPECT_EQ(run["tasks"][0]["attempts"][0]["status"], "lease_lost");
  EXPECT_EQ(server.stop(), 0);

  server.start();
  HttpSession again = server.session();
  std::vector<Json> more;
  for (std::string status; status != "succeeded";) {
    const Json page = again.get(events + std::to_string(from + more.size())).json();
    for (const Json& event : page["events"]) {
      EXPECT_EQ(event["idx"], from + more.size());
      more.push_back(event);
    }
    status = page["status"];
    ASSERT_NE(status, "failed");
  }
  EXPECT_EQ(again.get("/v1/runs/" + run_id).json()["tasks"][0]["attempts"].size(), 2u);
}

TEST(Crash, OfAWorkerCostsOneAttemptAndNotTheServer) {
  ServerProcess server;
  server.start();
  HttpSession http = server.session();
  const std::string run_id =
      http.post("/v1/runs",
                R"({"task":"image","input":{"prompt":"large","width":2400,"height":2400}})")
          .json()["run_id"];
  std::size_t from = 0;
  for (bool under_way = false; !under_way;) {
    const Json page =
        http.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
    from = page["next_offset"];
    for (const Json& event : page["events"]) under_way |= event["type"] == "task.progressed";
  }
  const auto workers = server.children();
  ASSERT_EQ(workers.size(), 1u);
  kill(workers[0], SIGSEGV);
  Json run;
  do {
    const Json page =
        http.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
    from = page["next_offset"];
    run = http.get("/v1/runs/" + run_id).json();
  } while (run["status"] == "running" || run["status"] == "pending");
  EXPECT_EQ(run["status"], "succeeded");
  ASSERT_EQ(run["tasks"][0]["attempts"].size(), 2u);
  EXPECT_EQ(run["tasks"][0]["attempts"][0]["status"], "lease_lost");
}

}  // namespace
}  // namespace runledger::e2e
