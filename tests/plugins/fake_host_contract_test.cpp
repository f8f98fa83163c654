// The same executors in the SDK's fake host and in the worker's own host code: what they say, what
// is recorded and what they come to must be the same, to the letter.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <runledger/testing/checks.hpp>
#include <thread>

#include "core/domain/commands.h"
#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"
#include "core/worker/limits.h"
#include "tests/plugins/two_hosts.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
namespace sdk = runledger::testing;

static_assert(sdk::kOutputBytesMax == kOutputBytesMax);
static_assert(sdk::kEmitBytesMax == kEmitBytesMax);
static_assert(sdk::kStepBytesMax == kStepBytesMax);
static_assert(sdk::kTextBytesMax == kTextBytesMax);
static_assert(sdk::kNameBytesMax == kNameBytesMax);
static_assert(sdk::kArtifactBytesMax == kArtifactBytesMax);
static_assert(sdk::kJsonNestingMax == protocol::kJsonNestingMax);
static_assert(sdk::kDelayMsMax == protocol::kDelayMsMax);
static_assert(sdk::kMemosMax == core::kMemosMax);
static_assert(sdk::kMemosBytesMax == core::kMemosBytesMax);

json nested(std::size_t depth) {
  json value = 1;
  for (std::size_t i = 0; i < depth; ++i) value = json::array({value});
  return value;
}

const json kDone = json::object();

std::vector<Scenario> endings() {
  return {
      plain("Output",
            [](TaskContext& task) -> json {
              return {{"was", task.input()}};
            }),
      plain("OutputIsNoObject",
            [](TaskContext&) -> json {
              return {1, 2};
            }),
      plain("OutputTooLarge",
            [](TaskContext&) -> json {
              return {{"x", std::string(kOutputBytesMax, 'x')}};
            }),
      plain("OutputTooDeep",
            [](TaskContext&) -> json {
              return {{"x", nested(64)}};
            }),
      plain("OutputNotUtf8",
            [](TaskContext&) -> json {
              return {{"x", "\xff"}};
            }),
      plain("Failure",
            [](TaskContext&) -> json { throw Failure("no_luck", "none at all", true, 90s); }),
      plain("FailureWithStrangeText",
            [](TaskContext&) -> json {
              throw Failure(std::string(300, 'c'), "\xff" + std::string(5000, 'm'), false);
            }),
      plain("FailureWithoutCode", [](TaskContext&) -> json { throw Failure("", "", false); }),
      plain("Exception", [](TaskContext&) -> json { throw std::runtime_error("broken"); }),
      plain("SomethingElseThrown", [](TaskContext&) -> json { throw 42; }),
      plain("StoppedThoughNobodyAsked", [](TaskContext&) -> json { throw Stopped(); }),
      {"StopsWhenTold",
       [] {
         return [](TaskContext& task) -> json {
           task.log("info", "still taken");
           task.throw_if_stopped();
           return kDone;
         };
       },
       true},
      {"FailsWhenTold",
       [] {
         return [](TaskContext&) -> json {
           throw Failure("late", "too late", false);
         };
       },
       true},
      {"WaitsWhenTold",
       [] {
         return [](TaskContext& task) -> json {
           task.sleep("a", 1s);
           return kDone;
         };
       },
       true},
  };
}

// Each ends with what the call throws, or not at all.
std::vector<Scenario> reports() {
  const auto once = [](std::string name, std::function<void(TaskContext&)> call) {
    return plain(std::move(name), [call](TaskContext& task) {
      call(task);
      return kDone;
    });
  };
  return {
      once("Emits",
           [](auto& task) {
             task.emit("a.b", {{"x", 1}}), task.emit("a", nullptr);
           }),
      once("EmitsWithoutAType", [](auto& task) { task.emit("", 1); }),
      once("EmitsALongType", [](auto& task) { task.emit(std::string(201, 'a'), 1); }),
      once("EmitsTooMuch", [](auto& task) { task.emit("a", std::string(kEmitBytesMax, 'x')); }),
      once("EmitsTooDeep", [](auto& task) { task.emit("a", nested(65)); }),
      once("EmitsAsDeepAsMayBe", [](auto& task) { task.emit("a", nested(64)); }),
      once("Logs", [](auto& task) { task.log("debug", "x"), task.log("error", ""); }),
      once("LogsLoudly", [](auto& task) { task.log("loud", "x"); }),
      once("LogsNoUtf8", [](auto& task) { task.log("info", "\xe5\x9b"); }),
      once("LogsTooMuch", [](auto& task) { task.log("info", std::string(4097, 'x')); }),
      once("Progress", [](auto& task) { task.progress(50, "half"); }),
      once("ProgressBelow", [](auto& task) { task.progress(-1); }),
      once("ProgressNan", [](auto& task) { task.progress(std::nan("")); }),
      once("StoresArtifacts",
           [](auto& task) {
             for (const std::size_t size : {0, 3, 55, 56, 63, 64, 65, 1000}) {
               const std::string bytes(size, 'a');
               const auto stored =
                   task.artifact({"a.txt", "text/plain"}, std::as_bytes(std::span(bytes)));
               task.emit("stored", {stored.sha256, stored.size});
             }
           }),
      once("StoresWithABadName",
           [](auto& task) {
             task.artifact({"a\r\nb", "a/b"}, {});
           }),
      once("StoresWithoutAType",
           [](auto& task) {
             task.artifact({"a", ""}, {});
           }),
  };
}

std::vector<Scenario> durable_calls() {
  return {
      plain("StepsWithTheSameName",
            [](TaskContext& task) -> json {
              json all;
              for (int i = 0; i < 3; ++i) all.push_back(task.step("s", [&] { return i; }));
              task.step("nothing", [] {});
              return {{"all", all}};
            }),
      plain("SleepsBetweenSteps",
            [](TaskContext& task) -> json {
              task.emit("begun", 1);
              const json one = task.step("one", [] { return 1; });
              task.sleep("pause", 1h);
              task.sleep(-5ms);
              return {{"one", one}, {"two", task.step("two", [] { return 2; })}};
            }),
      plain("FindsAtOnce",
            [](TaskContext& task) -> json {
              return {{"it", task.poll("p", {}, [] { return std::optional<json>(7); })}};
            }),
      counting("FindsLater",
               [](TaskContext& task, int runs) -> json {
                 task.log("info", "looks");
                 const auto look = [&] {
                   return runs < 3 ? std::nullopt : std::optional<json>(7);
                 };
                 const json it = task.poll("p", {.every = 1s, .factor = 2}, look);
                 return {{"it", it}, {"after", task.step("s", [] { return 1; })}};
               }),
      plain("IsApproved",
            [](TaskContext& task) -> json {
              const auto verdict = task.review({.name = "r",
                                                .body = {{"x", 1}},
                                                .validation = {1},
                                                .schema = json{{"type", "object"}}});
              return {{"approved", verdict.approved}, {"body", verdict.body}, {"by", verdict.by}};
            }),
  };
}

// Calls that are not done, or not where they may be made.
std::vector<Scenario> misused_calls() {
  return {
      plain("AsksWithoutAName", [](TaskContext& task) -> json { return task.review({}).body; }),
      plain("AsksWithASchemaThatIsNone",
            [](TaskContext& task) -> json {
              return task.review({.name = "r", .schema = json(1)}).body;
            }),
      plain("StepsWithoutAName",
            [](TaskContext& task) -> json { return task.step("", [] { return 1; }); }),
      plain("StepResultTooLarge",
            [](TaskContext& task) -> json {
              return task.step("s", [] { return std::string(kStepBytesMax, 'x'); });
            }),
      plain("StepInsideAStep",
            [](TaskContext& task) -> json {
              return task.step("outer", [&] { return task.step("inner", [] { return 1; }); });
            }),
      plain("GoesOnAfterAFailedStep",
            [](TaskContext& task) -> json {
              try {
                task.step("a", []() -> json { throw std::runtime_error("no"); });
              } catch (const std::runtime_error&) {
              }
              return task.step("b", [] { return 1; });
            }),
      plain("TriesAFailedStepAgain",
            [](TaskContext& task) -> json {
              try {
                task.step("a", []() -> json { throw std::runtime_error("no"); });
              } catch (const std::runtime_error&) {
              }
              return {{"a", task.step("a", [] { return 1; })}};
            }),
      plain("CallsFromAnotherThread",
            [](TaskContext& task) -> json {
              json said;
              std::thread([&] {
                try {
                  task.step("a", [] { return 1; });
                } catch (const Failure& failure) {
                  said = failure.what();
                }
              }).join();
              return {{"said", said}};
            }),
  };
}

std::vector<Scenario> mistakes() {
  return {
      counting("AsksForSomethingElse",
               [](TaskContext& task, int runs) -> json {
                 task.step(runs == 0 ? "first" : "other", [] { return 1; });
                 task.sleep("rest", 1s);
                 return kDone;
               }),
      counting("AsksForAnotherKind",
               [](TaskContext& task, int runs) -> json {
                 if (runs == 0) task.sleep("a", 1s);
                 return task.step("a", [] { return 1; });
               }),
      counting("LeavesOneOut",
               [](TaskContext& task, int runs) -> json {
                 if (runs == 0) task.sleep("a", 1s);
                 return kDone;
               }),
      counting("ForgetsThatItPolls",
               [](TaskContext& task, int runs) -> json {
                 if (runs == 0) task.poll("p", {}, [] { return std::optional<json>(); });
                 return kDone;
               }),
      counting("PollsForSomethingElse",
               [](TaskContext& task, int runs) -> json {
                 return task.poll(runs == 0 ? "p" : "q", {}, [] { return std::optional<json>(); });
               }),
      plain("SwallowsAWait",
            [](TaskContext& task) -> json {
              try {
                task.sleep("a", 1s);
              } catch (...) {
              }
              return kDone;
            }),
      plain("SwallowsAWaitAndGoesOn",
            [](TaskContext& task) -> json {
              try {
                task.sleep("a", 1s);
              } catch (...) {
              }
              try {
                task.emit("a", 1);
              } catch (...) {
              }
              return task.step("b", [] { return 1; });
            }),
      plain("UnwindsForNothing", [](TaskContext&) -> json { throw runledger::detail::Unwind(); }),
  };
}

class FakeHostContract : public ::testing::TestWithParam<Scenario> {};

TEST_P(FakeHostContract, SaysWhatTheWorkerSays) {
  EXPECT_EQ(in_fake_host(GetParam()), in_real_host(GetParam()));
}

std::string scenario_name(const ::testing::TestParamInfo<Scenario>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Endings, FakeHostContract, ::testing::ValuesIn(endings()), scenario_name);
INSTANTIATE_TEST_SUITE_P(Reports, FakeHostContract, ::testing::ValuesIn(reports()), scenario_name);
INSTANTIATE_TEST_SUITE_P(Durable, FakeHostContract, ::testing::ValuesIn(durable_calls()),
                         scenario_name);
INSTANTIATE_TEST_SUITE_P(Misused, FakeHostContract, ::testing::ValuesIn(misused_calls()),
                         scenario_name);
INSTANTIATE_TEST_SUITE_P(Mistakes, FakeHostContract, ::testing::ValuesIn(mistakes()),
                         scenario_name);

TEST(FakeHostContractOfTime, GivesUpAPollAfterItsTime) {
  const Scenario scenario = plain("TimesOut", [](TaskContext& task) -> json {
    return task.poll("p", {.every = 1s, .timeout = 10s}, [] { return std::optional<json>(); });
  });
  EXPECT_EQ(in_fake_host(scenario)["failure"], in_real_host(scenario)["failure"]);
}

}  // namespace
}  // namespace runledger::core::worker
