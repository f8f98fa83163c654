// Runs of several steps: what follows from what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/workflow/references.h"
#include "tests/core/harness.h"
#include "tests/core/workflow_support.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using namespace runledger::core::testing;

TEST(ForEach, GivesTheOutputsOfItsTasksAsOneArray) {
  Harness core;
  const std::string run_id =
      submit_spec(core, R"({"steps":[{"id":"all","task":"image","for_each":{"items":["a","b"]},
                          "on_error":"continue"}]})");
  const auto grants = core.lease(4);
  ASSERT_EQ(grants.size(), 2u);
  // Longer than what a string keeps within itself: a view of a copy would show.
  const std::string output = R"({"url":"https://example.com/pictures/0123456789/one.png"})";
  core.as_worker(CompleteTask{lease_of(grants[0]), {output}});
  core.as_worker(FailTask{lease_of(grants[1]), {"no_font", "There is no font", false}});
  EXPECT_EQ(core.stored(run_id)->output->text, "[" + output + ",null]");
}

TEST(ForEach, BecomesNewTasksWhenItIsResumed) {
  Harness core;
  // The outputs of both tasks together are too large, so the step itself fails.
  const std::string run_id =
      submit_spec(core, R"({"steps":[{"id":"all","task":"image","for_each":{"items":[1,2]}}]})");
  const std::string large = R"({"x":")" + std::string(kResolvedBytesMax / 2, 'x') + R"("})";
  for (const auto& grant : core.lease(4)) core.as_worker(CompleteTask{lease_of(grant), {large}});
  ASSERT_EQ(core.stored(run_id)->pause_reason(), PauseReason::kFailure);
  core.as_user(ResumeRun{run_id, {}});
  EXPECT_EQ(core.stored(run_id)->tasks.size(), 3u) << "the group and two tasks";
  for (const auto& grant : core.lease(4)) core.as_worker(CompleteTask{lease_of(grant), {"{}"}});
  EXPECT_EQ(core.stored(run_id)->output->text, "[{},{}]");
}

TEST(RetryRun, EndsAnAttemptThatWasWaiting) {
  Harness core;
  const std::string run_id = submit_spec(core, R"({"steps":[{"id":"a","task":"image"}]})");
  const auto first = core.lease(1).at(0);
  core.as_user(PauseRun{run_id, {}});
  core.as_worker(Sleep{lease_of(first), "later", 1'000});
  core.as_user(RetryRun{run_id, "a", {}});
  EXPECT_EQ(core.lease(1).at(0).attempt, 2u) << "it begins anew";
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->tasks.at(0).attempts.at(0).status, AttemptStatus::kCanceled);
  EXPECT_NE(run->tasks.at(0).attempts.at(0).ended_us, 0);
}

TEST(RetryPolicy, MeasuresItsTotalFromWhereTheTaskBeganAnew) {
  Harness core;
  const std::string run_id = submit_spec(core, R"({"steps":[{"id":"a","task":"image",
                          "retry":{"max_attempts":2,"initial_ms":10,"total_ms":1000}}]})");
  const Error error{"bad_weather", "It rains", false};
  core.as_worker(FailTask{lease_of(core.lease(1).at(0)), error});
  core.clock.advance_us(3'600'000'000);
  core.as_user(ResumeRun{run_id, {}});
  const Error again{"bad_weather", "It rains", true};
  core.as_worker(FailTask{lease_of(core.lease(1).at(0)), again});
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).status, TaskStatus::kWaiting) << "for its retry";
}

}  // namespace
}  // namespace runledger::core
