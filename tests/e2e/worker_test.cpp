// Workers that nobody supervises, and a server that goes away while they work.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <optional>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

class FreeWorkerTest : public ::testing::Test {
 protected:
  void start(const std::vector<std::string>& more = {}) {
    ServerProcess::Options options{0, {"--plugins", RUNLEDGER_JOURNAL_PLUGINS}, true, port_};
    options.more.insert(options.more.end(), more.begin(), more.end());
    server_.start(options);
    port_ = server_.port();
    http_.emplace(server_.session());
    if (token_.empty()) token_ = worker_token();
  }
  std::string worker_token() const {
    Finished made = server_.run(
        {"token", "create", "--tenant", "acme", "--user", "machine", "--role", "worker"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    while (made.out.ends_with('\n')) made.out.pop_back();
    return made.out;
  }
  BackgroundProcess worker(const std::string& name) const {
    return BackgroundProcess({runledger_binary(), "worker", "--server", server_.url(), "--name",
                              name, "--plugins", RUNLEDGER_JOURNAL_PLUGINS, "--slots", "1"},
                             {"RUNLEDGER_TOKEN=" + token_},
                             server_.directory() / ("worker-" + name));
  }
  std::string file() const { return (server_.directory() / "journal").string(); }
  std::string submit(const Json& calls) {
    const Json input = {{"file", file()}, {"calls", calls}};
    for (;;) {
      const auto made = http_->post("/v1/runs", Json{{"task", "journal"}, {"input", input}}.dump());
      if (made.status == 202) return made.json().value("run_id", "");
      // Until a worker has registered, nobody knows the task type.
      if (made.json().value("code", "") != "unknown_task_type") {
        throw std::runtime_error(made.body);
      }
    }
  }
  Json run(const std::string& run_id) { return http_->get("/v1/runs/" + run_id).json(); }
  // Holds at the server until the run has an event of that type, or has ended.
  void wait_for_event(const std::string& run_id, const std::string& type) {
    for (std::uint64_t from = 0;;) {
      const Json page = page_from(run_id, from);
      from = page["next_offset"];
      for (const Json& event : page["events"]) {
        if (event["type"] == type) return;
      }
      if (has_ended(page)) throw std::runtime_error(run(run_id).dump());
    }
  }
  Json wait_for_end(const std::string& run_id) {
    for (std::uint64_t from = 0;;) {
      const Json page = page_from(run_id, from);
      from = page["next_offset"];
      if (has_ended(page)) return run(run_id);
    }
  }
  Json page_from(const std::string& run_id, std::uint64_t from) {
    return http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
  }
  static bool has_ended(const Json& page) {
    return page["status"] == "succeeded" || page["status"] == "failed" ||
           page["status"] == "canceled" || page["status"] == "paused";
  }
  std::vector<std::string> types_of(const std::string& run_id) {
    std::vector<std::string> types;
    const Json page = http_->get("/v1/runs/" + run_id + "/events?limit=500").json();
    for (const Json& event : page["events"]) types.push_back(event["type"]);
    return types;
  }
  std::size_t count(const std::string& run_id, const std::string& type) {
    const auto types = types_of(run_id);
    return static_cast<std::size_t>(std::count(types.begin(), types.end(), type));
  }
  // What the plugin did, whoever ran it.
  std::size_t lines(const std::string& what) const {
    std::ifstream in(file());
    std::size_t found = 0;
    for (std::string line; std::getline(in, line);) {
      found += line.find(" " + what + " ") != std::string::npos ? 1 : 0;
    }
    return found;
  }

  ServerProcess server_;
  std::uint16_t port_ = 0;
  std::string token_;
  std::optional<HttpSession> http_;
};

TEST_F(FreeWorkerTest, ATaskGoesOnWhileTheServerIsKilledAndStartedAgain) {
  start();
  auto worker_process = worker("w1");
  const std::string run_id = submit({"step:before", "work:3000", "step:after"});
  wait_for_event(run_id, "task.step_completed");
  server_.kill_now();
  start();
  const Json ended = wait_for_end(run_id);
  EXPECT_EQ(ended["status"], "succeeded") << ended;
  const Json& attempts = ended["tasks"][0]["attempts"];
  ASSERT_EQ(attempts.size(), 1u) << attempts;
  EXPECT_EQ(count(run_id, "task.leased"), 1u) << "under another lease than the first";
  EXPECT_EQ(count(run_id, "task.step_completed"), 2u);
  EXPECT_EQ(lines("before"), 1u);
  EXPECT_EQ(lines("work"), 1u);
  EXPECT_EQ(lines("after"), 1u);
}

TEST_F(FreeWorkerTest, AResultOfTheTimeWithoutAServerCounts) {
  start();
  auto worker_process = worker("w1");
  const std::string run_id = submit({"work:500"});
  while (lines("work") == 0) std::this_thread::yield();  // it has begun
  server_.kill_now();
  // Its executor is through before there is a server again.
  const auto through = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  while (std::chrono::steady_clock::now() < through) std::this_thread::yield();
  start();
  EXPECT_EQ(wait_for_end(run_id)["status"], "succeeded");
  EXPECT_EQ(lines("work"), 1u);
  EXPECT_EQ(count(run_id, "task.leased"), 1u);
}

TEST_F(FreeWorkerTest, AfterTheGraceAnotherWorkerRunsTheTask) {
  start({"--worker-grace", "1"});
  auto frozen = worker("w1");
  const std::string run_id = submit({"work:1000"});
  wait_for_event(run_id, "task.leased");
  frozen.signal(SIGSTOP);
  server_.kill_now();
  start({"--worker-grace", "1"});
  auto other = worker("w2");
  const Json ended = wait_for_end(run_id);
  EXPECT_EQ(ended["status"], "succeeded") << ended;
  EXPECT_EQ(count(run_id, "task.lease_lost"), 1u);
  EXPECT_EQ(ended["tasks"][0]["attempts"].back().value("worker", ""), "w2") << ended;
  const std::size_t events = types_of(run_id).size();
  frozen.signal(SIGCONT);
  // It comes again, late, and what it has done does not count.
  while (frozen.log().find("registered as", frozen.log().find("registered as") + 1) ==
         std::string::npos) {
    std::this_thread::yield();
  }
  EXPECT_EQ(types_of(run_id).size(), events);
}

TEST_F(FreeWorkerTest, ADrainedWorkerFinishesWhatRunsAndLeavesTheRest) {
  start();
  auto first = worker("w1");
  const std::string running = submit({"work:1000"});
  wait_for_event(running, "task.leased");
  const std::string waiting = submit({"work:1"});
  first.signal(SIGTERM);
  EXPECT_EQ(wait_for_end(running)["status"], "succeeded");
  EXPECT_EQ(first.join(), 0) << first.log();
  EXPECT_EQ(run(waiting)["status"], "pending");
  auto second = worker("w2");
  EXPECT_EQ(wait_for_end(waiting)["tasks"][0]["attempts"].size(), 1u);
}

TEST_F(FreeWorkerTest, AServerThatIsStoppedLeavesItsWorkersTheirTasks) {
  start();
  auto worker_process = worker("w1");
  const std::string run_id = submit({"work:2000"});
  wait_for_event(run_id, "task.leased");
  EXPECT_EQ(server_.stop(), 0);
  start();
  EXPECT_EQ(wait_for_end(run_id)["status"], "succeeded");
  EXPECT_EQ(lines("work"), 1u);
}

}  // namespace
}  // namespace runledger::e2e
