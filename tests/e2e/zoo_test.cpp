// Bad plugins beside a good tenant's work on a real server: nothing of theirs is anybody else's.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <set>
#include <thread>

#include "tests/e2e/server_process.h"

namespace runledger::e2e {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Misdeed {
  const char* deed;
  const char* type;
  const char* code;     // of the failed attempt; empty: it succeeds, having been refused
  const char* message;  // part of it
};

constexpr Misdeed kMisdeeds[] = {
    {"segfault", "zoo", "plugin_crashed", "signal 11 (SIGSEGV) at address 0x0: a null pointer"},
    {"abort", "zoo", "plugin_crashed", "signal 6 (SIGABRT)"},
    {"exit", "zoo", "plugin_crashed", "the plugin called exit(3)"},
    {"spin", "zoo", "attempt_timed_out", ""},
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    {"allocate", "zoo", "executor_error", "bad_alloc"},
    {"map", "zoo", "plugin_crashed", "SIGSEGV"},
#endif
    {"overflow", "zoo", "plugin_crashed", "the stack has overflowed"},
    {"throw", "zoo", "executor_error", ""},
    {"terminate", "zoo", "plugin_crashed", "SIGABRT"},
    {"close", "zoo", "plugin_crashed", "closed the connection"},
    {"scribble", "zoo", "plugin_crashed", "signal "},
    {"fork", "zoo", "", ""},
    {"fork", "zoo_processes", "plugin_crashed", "more than 64 processes"},
    {"leave_child", "zoo_processes", "plugin_crashed", "SIGSEGV"},
    {"flood", "zoo", "", ""},
    {"large", "zoo", "output_too_large", ""},
    {"kill_parent", "zoo", "", ""},
    {"kill_parent", "zoo_processes", "", ""},
    {"token", "zoo", "", ""}};

class ZooServer : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(plugins());
    fs::permissions(plugins(), fs::perms::owner_all);
    for (const char* name : {"zoo", "zoo_processes", "zoo_constructor", "zoo_exit_at_load"}) {
      const fs::path to = plugins() / (std::string(name) + ".so");
      fs::copy_file(fs::path(RUNLEDGER_TEST_PLUGINS) / to.filename(), to);
      fs::permissions(to, fs::perms::owner_all);
    }
  }
  void start(int workers) {
    server_.start({workers, {"--plugins", plugins().string(), "--plugin-memory", "1GiB"}, true});
  }
  fs::path plugins() const { return server_.directory() / "plugins"; }

  std::string token(const std::string& tenant) {
    const Finished made = server_.run(
        {"token", "create", "--tenant", tenant, "--user", "u", "--role", "viewer,submitter"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return made.out.substr(0, made.out.find('\n'));
  }
  static std::string submit(HttpSession& http, const Json& spec) {
    const auto answer = http.post("/v1/runs", Json({{"spec", spec}}).dump());
    EXPECT_EQ(answer.status, 202) << answer.body;
    return answer.json()["run_id"];
  }
  static Json step(const std::string& type, const std::string& deed) {
    return {{"id", "it"}, {"task", type}, {"input", {{"do", deed}}}, {"on_error", "fail"}};
  }
  static Json spec_of(Json step) { return {{"steps", Json::array({std::move(step)})}}; }
  // Waits until the run has one of these statuses.
  static Json wait(HttpSession& http, const std::string& run_id,
                   const std::set<std::string>& statuses = {"succeeded", "failed", "canceled"}) {
    for (std::uint64_t from = 0;;) {
      const Json page =
          http.get("/v1/runs/" + run_id + "/events?wait=10&from=" + std::to_string(from)).json();
      if (statuses.contains(page["status"].get<std::string>())) break;
      from = page["next_offset"];
    }
    return http.get("/v1/runs/" + run_id).json();
  }
  // The plugins' processes of the server's worker.
  std::vector<pid_t> hosts() const {
    std::vector<pid_t> found;
    for (const pid_t worker : server_.children()) {
      for (const pid_t host : children_of(worker)) found.push_back(host);
    }
    return found;
  }

  ServerProcess server_;
};

TEST_F(ZooServer, GoodWorkGoesOnBesideEveryMisdeed) {
  start(3);
  const auto worker = server_.children();
  ASSERT_EQ(worker.size(), 1u);
  HttpSession good = server_.session(token("good"));
  HttpSession bad = server_.session(token("bad"));
  std::vector<std::string> good_runs;
  std::vector<std::string> bad_runs;
  for (const Misdeed& misdeed : kMisdeeds) {
    for (int i = 0; i < 3; ++i) good_runs.push_back(submit(good, spec_of(step("zoo", "good"))));
    Json bad_step = step(misdeed.type, misdeed.deed);
    if (std::string(misdeed.deed) == "spin") bad_step["attempt_timeout_ms"] = 500;
    bad_runs.push_back(submit(bad, spec_of(bad_step)));
  }
  for (std::size_t i = 0; i < bad_runs.size(); ++i) {
    const Misdeed& misdeed = kMisdeeds[i];
    const Json run = wait(bad, bad_runs[i]);
    const bool refused = std::string(misdeed.code).empty();
    EXPECT_EQ(run["status"], refused ? "succeeded" : "failed") << misdeed.deed << run.dump(1);
    if (refused) continue;
    const Json& attempts = run["tasks"][0]["attempts"];
    ASSERT_EQ(attempts.size(), 1u) << misdeed.deed;
    EXPECT_EQ(attempts[0]["error"]["code"], misdeed.code) << misdeed.deed;
    EXPECT_THAT(attempts[0]["error"]["message"].get<std::string>(), HasSubstr(misdeed.message));
  }
  for (const std::string& run_id : good_runs) {
    const Json run = wait(good, run_id);
    EXPECT_EQ(run["status"], "succeeded") << run.dump(1);
    EXPECT_EQ(run["tasks"][0]["attempts"].size(), 1u) << "not touched at all";
  }
  EXPECT_EQ(server_.children(), worker) << "the worker's session was never lost";
  EXPECT_THAT(server_.log(), HasSubstr("zoo_constructor.so is not loaded: loading it ended its "
                                       "process: signal 11 (SIGSEGV)"));
  EXPECT_THAT(server_.log(), HasSubstr("zoo_exit_at_load.so is not loaded"));
  EXPECT_EQ(server_.stop(), 0);
}

TEST_F(ZooServer, ABacktraceStandsInTheRunsLog) {
  start(1);
  HttpSession http = server_.session();
  const std::string run_id = submit(http, spec_of(step("zoo", "segfault")));
  wait(http, run_id);
  const Json events = http.get("/v1/runs/" + run_id + "/events?from=0").json()["events"];
  std::string logged;
  for (const Json& event : events) {
    if (event["type"] == "task.logged") logged += event["data"]["text"].get<std::string>();
  }
  EXPECT_THAT(logged, HasSubstr("about to write to nowhere"));
  EXPECT_THAT(logged, HasSubstr("zoo.so+0x"));
  EXPECT_THAT(logged, HasSubstr("the zoo says goodbye"));
}

TEST_F(ZooServer, AnInputThatCrashesThreeTimesIsQuarantined) {
  start(1);
  HttpSession http = server_.session();
  Json bad = step("zoo", "exit");
  bad["retry"] = {{"max_attempts", 10}, {"initial_ms", 10}};
  bad["on_error"] = "pause";
  const std::string run_id = submit(http, spec_of(bad));
  const Json run = wait(http, run_id, {"paused"});
  EXPECT_EQ(run["tasks"][0]["attempts"].size(), 3u);
  EXPECT_EQ(run["tasks"][0]["error"]["code"], "quarantined");
  const std::string why = http.get("/v1/runs/" + run_id + "/why").body;
  EXPECT_THAT(why, HasSubstr("quarantined"));
  EXPECT_THAT(why, HasSubstr("exit(3)"));
}

// README.md says how soon; a test machine may be busy.
TEST_F(ZooServer, AHungTaskIsDeadSoonAfterItsLimit) {
  constexpr auto kLimit = 400ms;
  start(1);
  HttpSession http = server_.session();
  Json hung = step("zoo", "spin");
  hung["attempt_timeout_ms"] = kLimit / 1ms;
  const auto worker = server_.children();
  wait(http, submit(http, spec_of(step("zoo", "good"))));
  const auto host = hosts();
  ASSERT_EQ(host.size(), 1u);
  const auto submitted = std::chrono::steady_clock::now();
  const std::string run_id = submit(http, spec_of(hung));
  while (kill(host[0], 0) == 0) std::this_thread::yield();
  const auto lived = std::chrono::steady_clock::now() - submitted;
  RecordProperty("dead_after_limit_ms", static_cast<int>((lived - kLimit) / 1ms));
  EXPECT_GT(lived, kLimit);
  EXPECT_LT(lived, kLimit + 1s);
  EXPECT_EQ(wait(http, run_id)["tasks"][0]["attempts"][0]["error"]["code"], "attempt_timed_out");
  EXPECT_EQ(server_.children(), worker);
}

TEST_F(ZooServer, NothingIsLeftOfThePluginsWhenTheServerIsKilled) {
  start(2);
  HttpSession http = server_.session();
  submit(http, spec_of(step("zoo", "spin")));
  submit(http, spec_of(step("zoo", "spin")));
  std::vector<pid_t> running;
  while (running.size() < 2) running = hosts();
  server_.kill_now();
  for (const pid_t pid : running) {
    while (kill(pid, 0) == 0) std::this_thread::yield();
  }
}

TEST_F(ZooServer, NothingIsLeftOfThePluginsWhenTheServerStops) {
  start(2);
  HttpSession http = server_.session();
  wait(http, submit(http, spec_of(step("zoo", "good"))));
  const auto idle = hosts();
  ASSERT_EQ(idle.size(), 1u) << "kept for the next task";
  EXPECT_EQ(server_.stop(), 0);
  for (const pid_t pid : idle) EXPECT_NE(kill(pid, 0), 0);
}

}  // namespace
}  // namespace runledger::e2e
