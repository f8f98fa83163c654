// The durable calls of an executor: what is recorded of them, and how they wait.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

MATCHER_P3(IsMemo, kind, name, result, "") {
  return arg.kind == kind && arg.name == name && arg.result.text == result;
}

using ::testing::ElementsAre;
using namespace runledger::core::testing;

constexpr const char* kOneStep = R"({"steps":[{"id":"one","task":"a","on_error":"fail"}]})";

class DurableTest : public ::testing::Test {
 protected:
  LeasesGranted::Grant begin(const std::string& spec = kOneStep) {
    run_id_ = core_.start(spec);
    return core_.lease_one_of(run_id_);
  }
  Outcome step(const LeasesGranted::Grant& grant, const std::string& name,
               const std::string& result = "1") {
    return core_.as_worker(CompleteStep{lease_of(grant), MemoKind::kStep, name, {result}});
  }
  Outcome park(const LeasesGranted::Grant& grant, std::uint64_t timeout_ms = 60'000) {
    return core_.as_worker(WaitForPoll{lease_of(grant), "render", 3'000, timeout_ms, true});
  }
  Outcome found(const LeasesGranted::Grant& grant, bool release) {
    return core_.as_worker(
        CompleteStep{lease_of(grant), MemoKind::kPoll, "render", {R"("url")"}, release});
  }
  Outcome lose(const LeasesGranted::Grant& grant, bool charged) {
    return core_.run(core_.commands.from_system(
        LoseLease{run_id_, grant.task_id, grant.lease_id, std::string(kWorkerLost), charged}));
  }
  TaskState task() { return core_.task(run_id_, "one"); }
  std::size_t count(const std::string& type) {
    const auto types = core_.types_of(run_id_);
    return static_cast<std::size_t>(std::count(types.begin(), types.end(), type));
  }

  WorkflowHarness core_;
  std::string run_id_;
};

TEST_F(DurableTest, SleepIsRememberedWhenItIsOver) {
  const auto grant = begin();
  step(grant, "submit");
  core_.as_worker(Sleep{lease_of(grant), "cool down", 2'000});
  EXPECT_EQ(task().wait->due_us, core_.clock.now_us() + 2'000'000);
  EXPECT_EQ(task().memos.size(), 1u);
  core_.restart();
  core_.pass_to_due();
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.attempt, 1u);
  EXPECT_THAT(again.memos, ElementsAre(IsMemo(MemoKind::kStep, "submit", "1"),
                                       IsMemo(MemoKind::kSleep, "cool down", "null")));
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(DurableTest, ARetryGoesOnAfterTheLastFinishedStep) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a",
      "retry":{"max_attempts":2,"initial_ms":10}}]})");
  step(grant, "submit");
  core_.fail(grant, true);
  core_.pass_to_due();
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_THAT(again.memos, ElementsAre(IsMemo(MemoKind::kStep, "submit", "1")));
}

TEST_F(DurableTest, ALostLeaseGoesOnAfterTheLastFinishedStep) {
  const auto grant = begin();
  step(grant, "submit");
  lose(grant, true);
  EXPECT_EQ(core_.lease_one_of(run_id_).memos.size(), 1u);
}

TEST_F(DurableTest, ATaskThatBeginsAnewHasForgottenItsSteps) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a","on_error":"pause"}]})");
  step(grant, "submit");
  core_.fail(grant, false);
  core_.as_user(ResumeRun{run_id_, {}});
  EXPECT_TRUE(core_.lease_one_of(run_id_).memos.empty());
}

TEST_F(DurableTest, StepsHaveALimitTogether) {
  const auto grant = begin();
  const std::string large = '"' + std::string(kMemosBytesMax / 4, 'x') + '"';
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(was_taken(step(grant, "s", large)));
  step(grant, "s", large);
  EXPECT_EQ(core_.stored(run_id_)->error->code, "steps_too_large");
}

TEST_F(DurableTest, APollKeepsItsLeaseAndSaysSoOnce) {
  const auto grant = begin();
  park(grant);
  const auto head = core_.storage->log().head();
  EXPECT_TRUE(was_taken(park(grant)));
  EXPECT_EQ(core_.storage->log().head(), head) << "no news is no event";
  EXPECT_EQ(task().status, TaskStatus::kWaiting);
  EXPECT_EQ(task().attempts.back().status, AttemptStatus::kWaiting);
  EXPECT_EQ(core_.why(run_id_).at(0).kind, WaitReasonKind::kPoll);
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kRunning);
  EXPECT_TRUE(core_.lease_all().empty());
  EXPECT_TRUE(was_taken(core_.as_worker(RecordProgress{lease_of(grant), 50, "half"})));
  found(grant, false);
  EXPECT_EQ(task().status, TaskStatus::kRunning);
  EXPECT_EQ(task().attempts.back().status, AttemptStatus::kRunning);
  EXPECT_THAT(task().memos, ElementsAre(IsMemo(MemoKind::kPoll, "render", R"("url")")));
  EXPECT_FALSE(task().poll);
  core_.succeed(grant);
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(DurableTest, APollThatFindsSomethingCanGiveItsLeaseBack) {
  const auto grant = begin();
  park(grant);
  found(grant, true);
  EXPECT_EQ(task().status, TaskStatus::kReady);
  EXPECT_EQ(code_of(step(grant, "late")), RejectionCode::kFenced);
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.attempt, 1u);
  EXPECT_EQ(again.memos.size(), 1u);
  EXPECT_FALSE(core_.was_stopped(grant.lease_id));
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(DurableTest, APollOfALostWorkerGoesOnElsewhereWithTheTimeThatItHasWaited) {
  auto grant = begin();
  park(grant, 600'000);
  for (std::uint32_t i = 0; i < kSilentLossesMax + 2; ++i) {
    core_.pass_ms(1'000);
    lose(grant, true);
    core_.restart();
    grant = core_.lease_one_of(run_id_);
    EXPECT_EQ(grant.attempt, 1u);
    EXPECT_EQ(grant.poll, "render");
    EXPECT_EQ(grant.waited_ms, (i + 1) * 1'000);
    park(grant, 600'000);
  }
  EXPECT_EQ(task().charged_losses, 0u);
  EXPECT_EQ(task().silent_losses, 0u);
  EXPECT_EQ(task().wait->deadline_us, task().poll->since_us + 600'000'000) << "not from anew";
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(DurableTest, APollCanWaitWithoutALease) {
  const auto grant = begin();
  core_.as_worker(WaitForPoll{lease_of(grant), "render", 3'000, 60'000, false});
  EXPECT_EQ(code_of(found(grant, false)), RejectionCode::kFenced);
  core_.pass_to_due();
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.poll, "render");
  EXPECT_EQ(again.waited_ms, 3'000u);
  EXPECT_TRUE(again.memos.empty());
}

TEST_F(DurableTest, APollIsEndedWhenItsWorkerSaysNothingLongAfterItsDeadline) {
  const auto grant = begin();
  park(grant, 5'000);
  const auto parked_us = core_.clock.now_us();
  core_.pass_to_due();
  EXPECT_EQ(core_.clock.now_us(), parked_us + 5'000'000 + std::int64_t{kPollGraceMs} * 1000);
  EXPECT_EQ(core_.stored(run_id_)->error->code, "poll_timed_out");
  EXPECT_TRUE(core_.was_stopped(grant.lease_id));
}

TEST_F(DurableTest, APollIsCanceledByItsWorker) {
  const auto grant = begin();
  park(grant);
  core_.as_user(CancelRun{run_id_, {}});
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceling);
  EXPECT_TRUE(core_.was_stopped(grant.lease_id));
  core_.as_worker(AcknowledgeCancel{lease_of(grant)});
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceled);
}

TEST_F(DurableTest, TheTimeOutOfAnAttemptEndsAPoll) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a","on_error":"fail",
      "attempt_timeout_ms":1000}]})");
  park(grant);
  core_.pass_to_due();
  EXPECT_EQ(core_.stored(run_id_)->error->code, "attempt_timed_out");
  EXPECT_TRUE(core_.was_stopped(grant.lease_id));
}

TEST_F(DurableTest, APollTakesNoRoomOfALimit) {
  core_.policy.type_running_max["a"] = 1;
  core_.restart();
  const auto first = begin();
  const std::string other = core_.start(kOneStep);
  EXPECT_TRUE(core_.lease_all().empty());
  park(first);
  EXPECT_EQ(core_.lease_one_of(other).run_id, other);
}

TEST_F(DurableTest, ARunWithAPollCannotBeginAnew) {
  const auto grant = begin();
  park(grant);
  core_.as_user(PauseRun{run_id_, {}});
  EXPECT_EQ(code_of(core_.as_user(RetryRun{run_id_, "one", {}})), RejectionCode::kConflict);
  EXPECT_TRUE(was_taken(found(grant, true)));
  EXPECT_TRUE(was_taken(core_.as_user(RetryRun{run_id_, "one", {}})));
  EXPECT_TRUE(core_.lease_one_of(run_id_).memos.empty());
}

TEST_F(DurableTest, AFailureSaysWhenTheNextAttemptMayBegin) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a",
      "retry":{"max_attempts":2,"initial_ms":10}}]})");
  core_.as_worker(FailTask{lease_of(grant), {"busy", "Come again", true}, 30'000});
  EXPECT_EQ(task().wait->due_us, core_.clock.now_us() + 30'000'000);
}

}  // namespace
}  // namespace runledger::core
