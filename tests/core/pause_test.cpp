// Pauses: by hand and by failures, of runs and of the runs below them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/views/why_view.h"
#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace runledger::core::testing;

constexpr const char* kCalling = R"({"steps":[{"id":"call","workflow":"low","input":{}}]})";

// A run above, one between, one below with a task.
class PauseBelowTest : public ::testing::Test {
 protected:
  PauseBelowTest() {
    core_.as_user(DefineWorkflow{
        "lowest", "", {R"({"steps":[{"id":"s","task":"a","input":{},"on_error":"pause"}]})"}});
    core_.as_user(
        DefineWorkflow{"low", "", {R"({"steps":[{"id":"mid","workflow":"lowest","input":{}}]})"}});
    above_ = core_.start(kCalling);
    between_ = core_.task(above_, "call").child_run_id;
    below_ = core_.task(between_, "mid").child_run_id;
  }
  PauseReason pause_of(const std::string& run_id) { return *core_.stored(run_id)->pause_reason(); }

  WorkflowHarness core_;
  std::string above_, between_, below_;
};

TEST_F(PauseBelowTest, APauseByHandHoldsAllThatIsBelowUntilItIsResumed) {
  EXPECT_TRUE(was_taken(core_.as_user(PauseRun{above_, {}})));
  EXPECT_EQ(pause_of(between_), PauseReason::kParent);
  EXPECT_EQ(pause_of(below_), PauseReason::kParent);
  EXPECT_TRUE(core_.lease_all().empty());
  core_.restart();
  EXPECT_EQ(core_.why(below_).at(0).kind, WaitReasonKind::kPausedWithParent);
  EXPECT_THAT(core_.why(below_).at(0).detail, HasSubstr(between_));
  EXPECT_TRUE(was_taken(core_.as_user(ResumeRun{above_, {}})));
  core_.work();
  EXPECT_EQ(core_.stored(above_)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(PauseBelowTest, AHeldRunIsNotResumedByItself) {
  core_.as_user(PauseRun{above_, {}});
  const auto refused = core_.as_user(ResumeRun{below_, {}});
  EXPECT_EQ(code_of(refused), RejectionCode::kConflict);
  EXPECT_THAT(core_.reason(refused), HasSubstr(between_));
  EXPECT_TRUE(was_taken(core_.as_user(CancelRun{below_, {}})));
}

TEST_F(PauseBelowTest, WhatWasPausedForAReasonOfItsOwnStaysPaused) {
  core_.as_user(PauseRun{below_, {}});
  core_.as_user(PauseRun{above_, {}});
  EXPECT_EQ(pause_of(below_), PauseReason::kManual);
  core_.as_user(ResumeRun{above_, {}});
  EXPECT_EQ(core_.stored(between_)->status, RunStatus::kRunning);
  EXPECT_EQ(pause_of(below_), PauseReason::kManual);
}

TEST_F(PauseBelowTest, ARunResumedBelowAPausedOneIsHeldAgain) {
  core_.as_user(PauseRun{below_, {}});
  core_.as_user(PauseRun{above_, {}});
  EXPECT_TRUE(was_taken(core_.as_user(ResumeRun{below_, {}})));
  EXPECT_EQ(pause_of(below_), PauseReason::kParent);
  EXPECT_TRUE(core_.lease_all().empty());
  core_.as_user(ResumeRun{above_, {}});
  core_.work();
  EXPECT_EQ(core_.stored(above_)->status, RunStatus::kSucceeded);
}

TEST_F(PauseBelowTest, APauseByAFailureHoldsNothingBelow) {
  core_.fail(core_.lease_one_of(below_));
  EXPECT_EQ(pause_of(below_), PauseReason::kFailure);
  EXPECT_EQ(core_.stored(between_)->status, RunStatus::kRunning);
}

TEST_F(PauseBelowTest, WhyOfARunNamesWhoCanMoveTheRunBelow) {
  core_.fail(core_.lease_one_of(below_));
  const auto find = [&](const std::string& run_id) {
    return core_.stored(run_id);
  };
  const auto why = nlohmann::json::parse(render_why(*core_.stored(above_), find));
  const auto& wait = why["waits"][0];
  EXPECT_EQ(wait["reason"], "sub_workflow");
  EXPECT_EQ(wait["movers"], (nlohmann::json{"owner", "operator"}));
  EXPECT_EQ(wait["child_run_id"], between_);
  EXPECT_FALSE(wait["until"].is_null());
  const auto& lowest = wait["below"]["waits"][0]["below"];
  EXPECT_EQ(lowest["run_id"], below_);
  EXPECT_EQ(lowest["waits"][0]["reason"], "paused_by_failure");
  EXPECT_EQ(lowest["waits"][0]["step"], "s");
  EXPECT_THAT(wait["detail"].get<std::string>(), HasSubstr("boom"));
}

TEST_F(PauseBelowTest, WhyStopsWhereARunCannotBeFound) {
  const auto nothing = [](const std::string&) -> std::optional<RunState> {
    return std::nullopt;
  };
  const auto why = nlohmann::json::parse(render_why(*core_.stored(above_), nothing));
  EXPECT_TRUE(why["waits"][0]["below"].is_null());
}

TEST(PauseByHand, DuringWhichAStepFailsNeedsOneResume) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a"}]})");
  const auto grant = core.lease_one_of(run_id);
  core.as_user(PauseRun{run_id, {}});
  core.fail(grant);
  EXPECT_EQ(core.stored(run_id)->pause_reason(), PauseReason::kManual);
  EXPECT_TRUE(was_taken(core.as_user(ResumeRun{run_id, {}})));
  EXPECT_EQ(core.lease_one_of(run_id).attempt, 2u);
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(PauseByFailure, IsTheSystemsAndNobodysDecision) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"steps":[{"id":"one","task":"a","approval":{},"input":{"x":"${run.input.none}"}}]})");
  ASSERT_EQ(core.stored(run_id)->pause_reason(), PauseReason::kFailure);
  EXPECT_FALSE(core.stored(run_id)->decided);
  std::vector<std::string> actors;
  core.storage->log().read_stream(run_id, 0, [&](const eventlog::RecordView& record) {
    actors.emplace_back(record.actor);
    return true;
  });
  EXPECT_THAT(actors, ElementsAre("user:alice", "system", "system"));
  const auto late = core.as_user(CancelRun{run_id, 1});
  EXPECT_EQ(code_of(late), RejectionCode::kConflict);
  EXPECT_FALSE(std::get<Rejection>(late).winner) << "it has changed by itself";
}

TEST(EndedRun, TellsWhoEndedItAndNotWhoDecidedLongBefore) {
  WorkflowHarness core;
  const std::string run_id = core.submit();
  core.as_user(PauseRun{run_id, {}});
  core.as_user(ResumeRun{run_id, {}});
  core.clock.advance_us(1000);
  core.work();
  const auto late = std::get<Rejection>(core.as_user(CancelRun{run_id, {}}));
  EXPECT_EQ(late.winner->by, "system");
  EXPECT_EQ(late.winner->decision, "run.succeeded");
  EXPECT_EQ(late.winner->offset, core.stored(run_id)->last_offset);
  EXPECT_EQ(core.stored(run_id)->decided->decision, "run.resumed");
}

TEST(ResumeRun, IsRefusedForATaskThatHasBeenBegunTooOften) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a"}]})");
  for (std::size_t i = 1; i < kAttemptsMax; ++i) {
    core.fail(core.lease_one_of(run_id));
    ASSERT_TRUE(was_taken(core.as_user(ResumeRun{run_id, {}})));
  }
  core.fail(core.lease_one_of(run_id));
  EXPECT_EQ(code_of(core.as_user(ResumeRun{run_id, {}})), RejectionCode::kInvalid);
  EXPECT_EQ(code_of(core.as_user(RetryRun{run_id, "one", {}})), RejectionCode::kInvalid);
  EXPECT_EQ(core.task(run_id, "one").attempts.size(), kAttemptsMax);
}

TEST(Group, HasTheMeanOfItsTasksAsProgress) {
  WorkflowHarness core;
  const std::string run_id =
      core.start(R"({"steps":[{"id":"each","task":"a","for_each":{"items":[1,2]},"input":{}}]})");
  const auto grants = core.lease_all();
  core.as_worker(RecordProgress{lease_of(grants.at(0)), 40, ""});
  core.as_worker(RecordProgress{lease_of(grants.at(1)), 20, ""});
  const auto run = core.stored(run_id);
  EXPECT_DOUBLE_EQ(run->percent_of(core.task(run_id, "each")), 30);
  core.work();
  for (const auto& grant : grants) core.succeed(grant);
  EXPECT_DOUBLE_EQ(core.stored(run_id)->percent_of(core.task(run_id, "each")), 100);
}

}  // namespace
}  // namespace runledger::core
