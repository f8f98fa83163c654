// Time, concurrency and fairness: what waits is a row, and something or somebody moves it.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using namespace runledger::core::testing;

constexpr const char* kRetried = R"({"steps":[{"id":"one","task":"a","on_error":"fail",
  "retry":{"max_attempts":3,"initial_ms":1000,"factor":2,"max_ms":60000}}]})";

TEST(Retry, FollowsABackoffWhoseLengthIsRecorded) {
  WorkflowHarness core;
  const std::string run_id = core.start(kRetried);
  std::int64_t shortest_ms = 500;
  for (std::uint32_t attempt = 1; attempt < 3; ++attempt, shortest_ms *= 2) {
    core.fail(core.lease_one_of(run_id), true);
    const TaskState task = core.task(run_id, "one");
    ASSERT_EQ(task.wait->kind, WaitKind::kRetry);
    const std::int64_t delay_ms = (task.wait->due_us - core.clock.now_us()) / 1000;
    EXPECT_GE(delay_ms, shortest_ms);
    EXPECT_LE(delay_ms, 2 * shortest_ms);
    EXPECT_TRUE(core.lease_all().empty());
    core.restart();
    core.pass_to_due();
  }
  core.fail(core.lease_one_of(run_id), true);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.task(run_id, "one").attempts.size(), 3u);
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(Retry, IsNotMadeOfWhatIsNotRetryable) {
  for (const bool listed : {true, false}) {
    WorkflowHarness core;
    const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a","on_error":"fail",
      "retry":{"max_attempts":3,"not_retryable":["bad_prompt"]}}]})");
    core.fail(core.lease_one_of(run_id), listed, "bad_prompt");
    EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  }
}

TEST(Timeouts, TellTheQueueTheAttemptAndTheWholeApart) {
  const auto error_after = [](const std::string& timeouts, bool leased) {
    WorkflowHarness core;
    const std::string run_id =
        core.start(R"({"steps":[{"id":"one","task":"a","on_error":"fail",)" + timeouts + "}]}");
    if (leased) core.lease_one_of(run_id);
    core.pass_to_due();
    EXPECT_EQ(core.task(run_id, "one").status, TaskStatus::kTimedOut);
    EXPECT_EQ(core.rows(), core.folded());
    return core.stored(run_id)->error->code;
  };
  EXPECT_EQ(error_after(R"("queue_timeout_ms":1000)", false), "queue_timed_out");
  EXPECT_EQ(error_after(R"("attempt_timeout_ms":1000)", true), "attempt_timed_out");
  EXPECT_EQ(error_after(R"("timeout_ms":1000)", true), "timed_out");
}

TEST(Timeouts, OfAnAttemptStopTheWorkerAndAreRetried) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a",
    "attempt_timeout_ms":1000,"retry":{"max_attempts":2,"initial_ms":100}}]})");
  const auto grant = core.lease_one_of(run_id);
  core.pass_to_due();
  EXPECT_TRUE(core.was_stopped(grant.lease_id));
  EXPECT_EQ(code_of(core.as_worker(CompleteTask{lease_of(grant), {"{}"}})), RejectionCode::kFenced);
  EXPECT_EQ(core.task(run_id, "one").attempts[0].status, AttemptStatus::kTimedOut);
  core.pass_to_due();
  EXPECT_EQ(core.lease_one_of(run_id).attempt, 2u);
}

TEST(Timeouts, OfTheRunEndAllOfIt) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"timeout_ms":2000,"steps":[{"id":"one","task":"a"},{"id":"two","task":"a"}]})");
  core.lease_one_of(run_id);
  core.pass_to_due();
  EXPECT_EQ(core.stored(run_id)->error->code, "run_timed_out");
}

TEST(Timeouts, OfAHeartbeatAreAnAttemptsOwn) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"steps":[{"id":"one","task":"a","on_error":"fail","heartbeat_timeout_ms":1000}]})");
  const auto grant = core.lease_one_of(run_id);
  EXPECT_EQ(grant.heartbeat_ms, 1000u);
  core.run(core.commands.from_system(MissHeartbeat{lease_of(grant)}));
  EXPECT_EQ(core.stored(run_id)->error->code, "heartbeat_timed_out");
  EXPECT_TRUE(core.was_stopped(grant.lease_id));
}

TEST(Suspend, FreesTheSlotAndGoesOnInTheSameAttemptWithWhatWasDone) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a"}]})");
  const auto grant = core.lease_one_of(run_id);
  core.as_worker(CompleteStep{lease_of(grant), MemoKind::kStep, "submit", {R"("job-1")"}});
  core.as_worker(WaitForPoll{lease_of(grant), "render", 3'000});
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kRunning);
  EXPECT_EQ(core.why(run_id).at(0).kind, WaitReasonKind::kPoll);
  core.restart();
  core.pass_to_due();
  const auto again = core.lease_one_of(run_id);
  EXPECT_EQ(again.attempt, 1u);
  EXPECT_EQ(core.task(run_id, "one").memos.at(0).name, "submit");
  EXPECT_EQ(code_of(core.as_worker(CompleteTask{lease_of(grant), {"{}"}})), RejectionCode::kFenced);
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(StartAt, HoldsARunBackUntilItsTime) {
  WorkflowHarness core;
  SubmitRun later = core.submission();
  later.start_at_us = core.clock.now_us() + 60'000'000;
  const std::string run_id = core.start(std::move(later));
  EXPECT_TRUE(core.lease_all().empty());
  EXPECT_EQ(core.why(run_id).at(0).kind, WaitReasonKind::kStartTime);
  core.restart();
  core.pass_to_due();
  EXPECT_EQ(core.lease_all().size(), 1u);
}

TEST(Watchdog, SpeaksOfARunThatNothingHappensTo) {
  WorkflowHarness core;
  const std::string run_id = core.submit();
  const auto version = core.stored(run_id)->version;
  core.pass_to_due();
  EXPECT_EQ(core.types_of(run_id).back(), "run.overdue");
  EXPECT_EQ(core.stored(run_id)->version, version);
  EXPECT_GT(core.due, core.clock.now_us()) << "and again after the same time";
  EXPECT_EQ(core.rows(), core.folded());
}

class ConcurrencyTest : public ::testing::Test {
 protected:
  Outcome submit(OnConflict on_conflict, std::uint32_t limit = 1) {
    SubmitRun run = core_.submission();
    run.concurrency = Concurrency{"ws-1", limit, on_conflict};
    last_ = run.run_id;
    return core_.as_user(std::move(run));
  }
  WorkflowHarness core_;
  std::string last_;
};

TEST_F(ConcurrencyTest, RejectNamesTheHolder) {
  submit(OnConflict::kReject);
  const std::string holder = last_;
  const auto outcome = submit(OnConflict::kReject);
  EXPECT_EQ(code_of(outcome), RejectionCode::kConflict);
  EXPECT_EQ(std::get<Rejection>(outcome).winner->run_id, holder);
}

TEST_F(ConcurrencyTest, QueueGivesTheKeyOnInOrder) {
  submit(OnConflict::kQueue);
  const std::string first = last_;
  submit(OnConflict::kQueue);
  const std::string second = last_;
  submit(OnConflict::kQueue);
  const std::string third = last_;
  EXPECT_EQ(core_.why(third).at(0).kind, WaitReasonKind::kConcurrencyKey);
  core_.restart();
  const auto grants = core_.lease_all();
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants[0].run_id, first);
  core_.succeed(grants[0]);
  core_.as_user(CancelRun{second, {}});
  EXPECT_EQ(core_.lease_one_of(third).run_id, third);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(ConcurrencyTest, ReplaceCancelsWhoHasItAndWaitsForTheEnd) {
  submit(OnConflict::kQueue);
  const std::string first = last_;
  const auto grant = core_.lease_one_of(first);
  submit(OnConflict::kReplace);
  EXPECT_EQ(core_.stored(first)->status, RunStatus::kCanceling);
  EXPECT_TRUE(core_.lease_all().empty());
  core_.as_worker(AcknowledgeCancel{lease_of(grant)});
  EXPECT_EQ(core_.lease_one_of(last_).run_id, last_);
}

TEST_F(ConcurrencyTest, ReplaceOfSomebodyElsesRunWaitsForIt) {
  submit(OnConflict::kQueue);
  const std::string hers = last_;
  SubmitRun his = core_.submission();
  his.concurrency = Concurrency{"ws-1", 1, OnConflict::kReplace};
  const std::string his_id = core_.start(std::move(his), "bob");
  EXPECT_EQ(core_.stored(hers)->status, RunStatus::kPending);
  EXPECT_EQ(core_.why(his_id).at(0).kind, WaitReasonKind::kConcurrencyKey);
}

TEST_F(ConcurrencyTest, ALimitLetsThatManyIn) {
  for (int i = 0; i < 3; ++i) submit(OnConflict::kQueue, 2);
  EXPECT_EQ(core_.lease_all().size(), 2u);
}

TEST(Limits, HoldBackATypeAndATenant) {
  WorkflowHarness core;
  core.policy.type_running_max["image"] = 2;
  core.restart();
  for (int i = 0; i < 3; ++i) core.submit();
  const auto grants = core.lease_all();
  ASSERT_EQ(grants.size(), 2u);
  EXPECT_TRUE(core.lease_all().empty());
  const std::size_t before = core.done().size();
  core.succeed(grants[0]);
  const auto after = core.done();
  EXPECT_TRUE(
      std::any_of(after.begin() + static_cast<std::ptrdiff_t>(before), after.end(),
                  [](const Action& action) { return std::holds_alternative<WakeWorkers>(action); }))
      << "there is room for another";
  EXPECT_EQ(core.lease_all().size(), 1u);
}

TEST(Fairness, ServesATenantWithLittleBesideOneWithMuch) {
  WorkflowHarness core;
  for (int i = 0; i < 5; ++i) core.submit();
  SubmitRun theirs = core.submission();
  const std::string their_id = theirs.run_id;
  core.run(core.commands.from_user(user("umbrella", "uma"), std::move(theirs)));
  const auto lease_next = [&] {
    return core.lease(1).at(0).run_id;
  };
  lease_next();
  EXPECT_EQ(lease_next(), their_id) << "nothing of theirs runs yet";
}

TEST(Priority, GoesFirstButWaitingCountsToo) {
  WorkflowHarness core;
  const std::string old = core.submit();
  core.clock.advance_us(10 * kPriorityStepUs);
  SubmitRun urgent = core.submission();
  urgent.priority = 5;
  core.start(std::move(urgent));
  EXPECT_EQ(core.lease(1).at(0).run_id, old) << "it has waited for longer than 5 is worth";
}

class ScheduleTest : public ::testing::Test {
 protected:
  ScheduleTest() {
    core_.as_user(DefineWorkflow{"w", "", {R"({"steps":[{"id":"s","task":"a","input":{}}]})"}});
  }
  void define(CatchUp catch_up) {
    ScheduleDefined schedule{"sched_1",   "w",   {"{}"},   {"{}"},
                             "* * * * *", "UTC", catch_up, core_.clock.now_us() + 1'000'000};
    EXPECT_TRUE(was_taken(core_.as_user(DefineSchedule{schedule})));
  }
  std::size_t runs() { return core_.lease_all().size(); }
  WorkflowHarness core_;
};

TEST_F(ScheduleTest, StartsItsWorkflowEachTime) {
  define(CatchUp::kOne);
  core_.pass_to_due();
  EXPECT_EQ(runs(), 1u);
  core_.restart();
  core_.pass_to_due();
  EXPECT_EQ(runs(), 1u);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(ScheduleTest, CatchesUpAsItIsTold) {
  for (const auto& [catch_up, expected] :
       {std::pair{CatchUp::kSkip, 0u}, {CatchUp::kOne, 1u}, {CatchUp::kAll, 5u}}) {
    define(catch_up);
    core_.clock.advance_us(302'000'000);
    std::size_t started = 0;
    for (int i = 0; i < 8; ++i) {
      core_.pass_ms(0);
      started += runs();
    }
    EXPECT_GE(started, expected) << to_text(catch_up);
    EXPECT_LE(started, expected + 1) << to_text(catch_up);
    core_.as_user(DeleteSchedule{"sched_1"});
  }
}

TEST_F(ScheduleTest, IsDeletedByItsOwnerOrAnOperatorOnly) {
  define(CatchUp::kOne);
  const auto remove = [&](Role role) {
    return core_.run(core_.commands.from_user({"acme", "rita", {Role::kSubmitter, role}, "tok"},
                                              DeleteSchedule{"sched_1"}));
  };
  const auto refused = remove(Role::kReviewer);
  ASSERT_TRUE(std::holds_alternative<Rejection>(refused));
  EXPECT_EQ(std::get<Rejection>(refused).code, RejectionCode::kForbidden);
  EXPECT_TRUE(was_taken(remove(Role::kOperator)));
}

}  // namespace
}  // namespace runledger::core
