// What happens when a time has come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/waits.h"
#include "tests/core/harness.h"
#include "tests/core/workflow_support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(PassTime, RetriesWithoutADelayAtOnce) {
  Harness core;
  const std::string run_id =
      submit_spec(core, R"({"steps":[{"id":"a","task":"image","attempt_timeout_ms":50,
                          "retry":{"max_attempts":2,"initial_ms":0}}]})");
  core.lease(1);
  wait_ms(core, 50);  // the attempt ends and the next one is due at the same time
  EXPECT_EQ(core.fatal, "");
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).status, TaskStatus::kReady);
  EXPECT_EQ(core.lease(1).at(0).attempt, 2u);
}

TEST(PassTime, LeavesARunAloneThatIsBeingCanceled) {
  Harness core;
  const std::string run_id =
      submit_spec(core, R"({"timeout_ms":1000,"steps":[{"id":"a","task":"image"}]})");
  const auto grant = core.lease(1).at(0);
  core.as_user(CancelRun{run_id, {}});
  wait_ms(core, 2000);
  EXPECT_EQ(core.fatal, "");
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kCanceling);
  EXPECT_GT(next_due_us(*run), core.clock.now_us());
  EXPECT_GT(waits_of(*run).front().until_us, core.clock.now_us());
  core.as_worker(AcknowledgeCancel{lease_of(grant)});
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kCanceled);
}

TEST(PassTime, DoesNotCountAPauseAsTimeInTheQueue) {
  Harness core;
  const std::string run_id =
      submit_spec(core, R"({"steps":[{"id":"a","task":"image","queue_timeout_ms":1000}]})");
  core.as_user(PauseRun{run_id, {}});
  wait_ms(core, 5000);
  core.as_user(ResumeRun{run_id, {}});
  wait_ms(core, 999);
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).status, TaskStatus::kReady);
  wait_ms(core, 1);
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).status, TaskStatus::kTimedOut);
}

}  // namespace
}  // namespace runledger::core
