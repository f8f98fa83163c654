// Durable calls with the real server, workers and a plugin that keeps a journal of what it does.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <random>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

struct Line {
  std::string what;
  std::string doing;
};

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::size_t resident_mib(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  std::size_t kib = 0;
  for (std::string word; in >> word;) {
    if (word == "VmRSS:") in >> kib;
  }
  return kib / 1024;
}

class DurableTest : public ::testing::Test {
 protected:
  void start(int workers = 1) {
    server_.start({workers, {"--plugins", RUNLEDGER_JOURNAL_PLUGINS}, true});
    http_.emplace(server_.session());
  }
  std::string file() const { return (server_.directory() / "journal").string(); }
  std::string submit(const Json& calls, const Json& more = Json::object()) {
    Json input = {{"file", file()}, {"calls", calls}};
    input.update(more);
    const HttpResult made =
        http_->post("/v1/runs", Json{{"task", "journal"}, {"input", input}}.dump());
    EXPECT_EQ(made.status, 202) << made.body;
    return made.json().value("run_id", "");
  }
  Json run(const std::string& run_id) { return http_->get("/v1/runs/" + run_id).json(); }
  std::vector<Json> events(const std::string& run_id) {
    std::vector<Json> all;
    for (;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?limit=500&from=" + std::to_string(all.size()))
              .json();
      if (page["events"].empty()) return all;
      all.insert(all.end(), page["events"].begin(), page["events"].end());
    }
  }
  // Holds at the server until the run's log has so many events of the type.
  void wait_for_event(const std::string& run_id, const std::string& type, std::size_t count = 1) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      from = page["next_offset"];
      for (const Json& event : page["events"]) {
        if (event["type"] == type && --count == 0) return;
      }
      const bool ended = page["status"] == "succeeded" || page["status"] == "failed";
      if (ended && page["events"].empty()) throw std::runtime_error(run(run_id).dump());
    }
  }
  Json wait_for_end(const std::string& run_id) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http_->get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      from = page["next_offset"];
      const std::string status = page["status"];
      if (status == "succeeded" || status == "failed" || status == "canceled" ||
          status == "paused") {
        return run(run_id);
      }
    }
  }
  std::vector<Line> journal_of(const std::string& task_id) const {
    std::vector<Line> lines;
    std::ifstream in(file());
    for (std::string task, what, doing; in >> task >> what >> doing;) {
      if (task == task_id) lines.push_back({what, doing});
    }
    return lines;
  }
  // The side effect that was recorded was the last one: it never came again after that.
  void expect_recorded_once(const std::string& run_id) {
    std::map<std::string, std::string> last;
    std::map<std::string, int> recorded;
    const std::string task_id = run(run_id)["tasks"][0]["task_id"];
    for (const Line& line : journal_of(task_id)) last[line.what] = line.doing;
    for (const Json& event : events(run_id)) {
      if (event["type"] != "task.step_completed" || event["data"]["kind"] != "step") continue;
      const std::string name = event["data"]["name"];
      EXPECT_EQ(++recorded[name], 1) << name << " is recorded twice in " << run_id;
      EXPECT_EQ(event["data"]["result"], last[name]) << name << " was done again in " << run_id;
    }
  }

  ServerProcess server_;
  std::optional<HttpSession> http_;
};

TEST_F(DurableTest, FinishedStepsAreNotDoneAgainWhateverIsKilled) {
  constexpr int kRuns = 12;
  constexpr int kKills = 8;
  const Json calls = {"step:one", "sleep:150", "step:two", "poll:4", "step:three", "step:four"};
  start(2);
  std::vector<std::string> runs;
  for (int i = 0; i < kRuns; ++i) runs.push_back(submit(calls));
  std::mt19937 random(11);
  std::uint64_t head = http_->get("/v1/meta").json()["head_offset"];
  for (int i = 0; i < kKills; ++i) {
    const std::uint64_t until = head + 10 + random() % 30;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (head < until && std::chrono::steady_clock::now() < patience) {
      head = http_->get("/v1/meta").json()["head_offset"];
    }
    // A worker that had said something is charged for it: three of that and a task is given up.
    const auto workers = server_.children();
    if (i % 4 == 1 && !workers.empty()) {
      kill(workers[random() % workers.size()], SIGKILL);
      continue;
    }
    server_.kill_now();
    start(2);
  }
  for (const std::string& run_id : runs) {
    const Json ended = wait_for_end(run_id);
    ASSERT_EQ(ended["status"], "succeeded") << ended.dump();
    expect_recorded_once(run_id);
    EXPECT_EQ(ended["output"]["results"].size(), 6u);
  }
}

TEST_F(DurableTest, ASleepGoesOnOverARestart) {
  start();
  const std::string run_id = submit({"step:before", "sleep:1500", "step:after"});
  wait_for_event(run_id, "task.waiting");
  EXPECT_EQ(http_->get("/v1/runs/" + run_id + "/why").json()["waits"][0]["reason"], "timer");
  server_.kill_now();
  start();
  const Json ended = wait_for_end(run_id);
  EXPECT_EQ(ended["status"], "succeeded") << ended.dump();
  EXPECT_EQ(ended["tasks"][0]["attempts"].size(), 1u);
  expect_recorded_once(run_id);
}

TEST_F(DurableTest, AReviewIsAnsweredByAPersonWhileNothingHoldsAThread) {
  start();
  const std::string run_id = submit({"step:draft", "review:text", "step:publish"});
  wait_for_event(run_id, "task.review_requested");
  EXPECT_EQ(run(run_id)["status"], "reviewing");
  EXPECT_EQ(wait_for_end(submit({"step:other"}))["status"], "succeeded") << "the slot is free";
  server_.kill_now();
  start();
  const std::string task_id = run(run_id)["tasks"][0]["task_id"];
  const Json question = http_->get("/v1/tasks/" + task_id).json()["question"];
  EXPECT_EQ(question["body"]["draft"], "text");
  EXPECT_EQ(question["validation"]["complete"], true);
  Json answer = {{"decision", "approved"},
                 {"content_sha256", question["content_sha256"]},
                 {"corrected", {{"title", "no draft"}}},
                 {"feedback", "better so"}};
  const HttpResult refused = http_->post("/v1/tasks/" + task_id + "/review", answer.dump());
  EXPECT_EQ(refused.status, 400) << refused.body;
  answer["corrected"] = {{"draft", "better"}};
  EXPECT_EQ(http_->post("/v1/tasks/" + task_id + "/review", answer.dump()).status, 202);
  const Json ended = wait_for_end(run_id);
  ASSERT_EQ(ended["status"], "succeeded") << ended.dump();
  const Json verdict = ended["output"]["results"][1];
  EXPECT_EQ(verdict["approved"], true);
  EXPECT_EQ(verdict["body"]["draft"], "better");
  EXPECT_EQ(verdict["corrected"], true);
  EXPECT_EQ(verdict["feedback"], "better so");
  expect_recorded_once(run_id);
}

TEST_F(DurableTest, APollHoldsItsLeaseAndSaysOnceThatThereIsNoNews) {
  start();
  const std::string run_id = submit({"poll:10"}, {{"every_ms", 5}});
  const Json ended = wait_for_end(run_id);
  EXPECT_EQ(ended["status"], "succeeded") << ended.dump();
  std::map<std::string, int> types;
  for (const Json& event : events(run_id)) ++types[event["type"]];
  EXPECT_EQ(types["task.waiting"], 1);
  EXPECT_EQ(types["task.step_completed"], 1);
  EXPECT_EQ(types["task.leased"], 2) << "with the news it is leased again";
  EXPECT_EQ(ended["tasks"][0]["attempts"].size(), 1u);
}

TEST_F(DurableTest, APollIsCanceledWithoutAnotherLook) {
  start();
  const std::string run_id = submit({"poll:2"}, {{"every_ms", 3'600'000}});
  wait_for_event(run_id, "task.waiting");
  EXPECT_EQ(http_->get("/v1/runs/" + run_id + "/why").json()["waits"][0]["reason"], "poll");
  EXPECT_EQ(run(run_id)["tasks"][0]["status"], "waiting");
  EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);
  EXPECT_EQ(wait_for_end(run_id)["status"], "canceled");
  EXPECT_EQ(journal_of(run(run_id)["tasks"][0]["task_id"]).size(), 1u);
}

TEST_F(DurableTest, AnExecutorThatForgetsWhatItDidIsToldWhichCallDiffers) {
  start();
  const Json ended =
      wait_for_end(submit({"step:one", "sleep:10", "step:two"}, {{"forgetful", true}}));
  EXPECT_EQ(ended["status"], "failed");
  EXPECT_EQ(ended["error"]["code"], "executor_not_deterministic");
  EXPECT_NE(ended["error"]["message"].get<std::string>().find(
                "Durable call 1 was step 'one' before, and now the executor asks for step "
                "'one-again'"),
            std::string::npos)
      << ended["error"];
}

// By hand with RUNLEDGER_WAITING_TASKS=10000.
TEST_F(DurableTest, ManyTasksWaitAtOnceAndLeaveTheWorkersFree) {
  const char* wanted = std::getenv("RUNLEDGER_WAITING_TASKS");
  const int tasks = wanted == nullptr ? 180 : std::atoi(wanted);
  start(4);
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::string> runs;
  for (int i = 0; i < tasks; ++i) {
    const bool poll = i % 3 == 1;
    runs.push_back(submit({"step:s", i % 3 == 0 ? "sleep:3600000"
                                     : poll     ? "poll:2"
                                                : "review:r"},
                          {{"every_ms", 3'600'000}}));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    wait_for_event(runs[i], i % 3 == 2 ? "task.review_requested" : "task.waiting");
  }
  std::cout << tasks << " tasks wait after " << seconds_since(began) << " s; resident: server "
            << resident_mib(server_.pid()) << " MiB, workers";
  for (const pid_t worker : server_.children()) std::cout << " " << resident_mib(worker);
  std::cout << " MiB\n";
  EXPECT_EQ(wait_for_end(submit({"step:other"}))["status"], "succeeded");
  for (const std::string& run_id : runs) {
    EXPECT_EQ(http_->post("/v1/runs/" + run_id + "/cancel", "{}").status, 202);
  }
  for (const std::string& run_id : runs) EXPECT_EQ(wait_for_end(run_id)["status"], "canceled");
}

}  // namespace
}  // namespace runledger::e2e
