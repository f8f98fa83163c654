// What the SDK's fake host can do beyond what a worker does: crashes, time, older tables.
#include <gtest/gtest.h>

#include <runledger/testing/fake_host.hpp>

#include "tests/plugins/executors.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using runledger::testing::FakeHost;
namespace sdk = runledger::testing;

const json kDone = json::object();

TEST(FakeHost, IsTooOldForCallsThatItsTableDoesNotHave) {
  FakeHost host;
  host.set_table_bytes(offsetof(runledger_host, step_begin));
  testing::set_behaviour("any", [](TaskContext& task) {
    task.progress(1);
    return task.step("s", [] { return 1; });
  });
  const auto outcome = host.run(*testing::scripted_plugin(), "any", kDone);
  EXPECT_EQ(outcome.failure_code(), "host_too_old");
  EXPECT_TRUE(outcome.retryable());
}

TEST(FakeHost, TakesNothingOnceItIsCutOff) {
  FakeHost host;
  host.cut_off();
  testing::set_behaviour("any", [](TaskContext& task) {
    task.emit("a", 1);
    return kDone;
  });
  EXPECT_TRUE(host.run(*testing::scripted_plugin(), "any", kDone).canceled());
  EXPECT_TRUE(host.emitted().empty());
}

TEST(FakeHost, DoesAStepAgainThatWasNotRecorded) {
  for (const auto& [side, times] : {std::pair(sdk::Crash::kBeforeItIsRecorded, 2),
                                    std::pair(sdk::Crash::kAfterItIsRecorded, 1)}) {
    FakeHost host;
    host.crash_at(1, side);
    int done = 0;
    testing::set_behaviour("any", [&](TaskContext& task) -> json {
      return {{"done", task.step("s", [&] { return ++done; })}};
    });
    EXPECT_TRUE(host.run(*testing::scripted_plugin(), "any", kDone).succeeded());
    EXPECT_EQ(done, times);
    EXPECT_EQ(host.runs(), 2U);
  }
}

TEST(FakeHost, CountsAttemptsAsTheServerDoes) {
  FakeHost host;
  host.crash_at(2);
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    task.emit("attempt", task.attempt());
    task.sleep("a wait", 1s);
    task.step("a crash", [] {});
    if (task.attempt() < 3) throw Failure("not_yet", "", true);
    return kDone;
  });
  EXPECT_EQ(host.run(*testing::scripted_plugin(), "any", kDone).failure_code(), "not_yet");
  EXPECT_TRUE(host.go_on(*testing::scripted_plugin()).succeeded());
  EXPECT_EQ(host.emitted("attempt"), (std::vector<json>{1, 1, 2, 3}));
}

TEST(FakeHost, LetsThingsHappenWhileATaskWaits) {
  FakeHost host;
  bool there = false;
  host.at(5s, [&] { there = true; });
  testing::set_behaviour("any", [&](TaskContext& task) -> json {
    return {{"it", task.poll("p", {.every = 2s}, [&]() -> std::optional<json> {
               return there ? std::optional<json>("found") : std::nullopt;
             })}};
  });
  EXPECT_EQ(host.run(*testing::scripted_plugin(), "any", kDone).output()["it"], "found");
  EXPECT_EQ(host.now(), 6s);
}

TEST(FakeHost, AnAnswerOfAPollIsRecordedBeforeACrashAfterIt) {
  FakeHost host;
  host.crash_at(1, sdk::Crash::kAfterItIsRecorded);
  int looks = 0;
  testing::set_behaviour("any", [&](TaskContext& task) -> json {
    return {{"it", task.poll("p", {}, [&]() -> std::optional<json> {
               return ++looks < 3 ? std::nullopt : std::optional<json>("found");
             })}};
  });
  EXPECT_TRUE(host.run(*testing::scripted_plugin(), "any", kDone).succeeded());
  EXPECT_EQ(looks, 3);
}

TEST(FakeHost, AnswersByTheLongestPrefixAndTheLastAnswerStays) {
  FakeHost host;
  host.answer_http("https://a.example/", sdk::http_answer(404));
  host.answer_http("https://a.example/jobs", sdk::http_answer(503));
  host.answer_http("https://a.example/jobs", sdk::http_answer(200));
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    json statuses;
    for (const char* url : {"jobs", "jobs", "jobs/7", "other"}) {
      statuses.push_back(task.http({.url = std::string("https://a.example/") + url}).status);
    }
    return {{"statuses", statuses}};
  });
  const auto outcome = host.run(*testing::scripted_plugin(), "any", kDone);
  EXPECT_EQ(outcome.output()["statuses"], json({503, 200, 200, 404}));
  EXPECT_EQ(host.http_requests().size(), 4U);
}

TEST(FakeHost, TakesNoMoreOfAnAnswerThanWasAskedFor) {
  FakeHost host;
  host.answer_http("https://a.example/", sdk::http_answer(200, "0123456789"));
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    return {{"body", task.http({.url = "https://a.example/", .answer_bytes_max = 9}).body}};
  });
  EXPECT_EQ(host.run(*testing::scripted_plugin(), "any", kDone).failure_code(), "answer_too_large");
}

TEST(FakeHost, EndsATaskThatRemembersTooMuch) {
  FakeHost host;
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    for (;;) task.step("s", [] { return std::string(200 * 1024, 'x'); });
  });
  EXPECT_EQ(host.run(*testing::scripted_plugin(), "any", kDone).failure_code(), "steps_too_large");
}

TEST(FakeHost, GivesUpAPollWithoutAnEnd) {
  FakeHost host;
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    return task.poll("p", {.timeout = 0s}, [] { return std::optional<json>(); });
  });
  const auto outcome = host.run(*testing::scripted_plugin(), "any", kDone);
  EXPECT_TRUE(outcome.suspended());
  EXPECT_EQ(host.runs(), sdk::kRunsMax);
}

}  // namespace
}  // namespace runledger::core::worker
