// What people decide, and who wins when several do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/harness.h"
#include "tests/core/workflow_harness.h"
#include "tests/core/workflow_support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(AnswerApproval, TellsALoserWhoHasDecidedOnTheSameVersion) {
  Harness core;
  const std::string run_id = submit_spec(
      core, R"({"steps":[{"id":"a","task":"image","approval":{}},{"id":"b","task":"image"}]})");
  const auto run = core.stored(run_id);
  const TaskState& task = run->tasks.at(0);
  const auto answer_as = [&](const std::string& name, bool approved) {
    const Principal who{"acme", name, {Role::kReviewer}, "tok"};
    return core.run(core.commands.from_user(
        who, AnswerApproval{run_id, task.task_id, approved, task.question->content_sha256, "",
                            run->version}));
  };
  const Outcome won = answer_as("rita", true);
  const auto& accepted = std::get<RunAccepted>(std::get<CommandReply>(won));
  const auto lost = std::get<Rejection>(answer_as("olga", false));
  EXPECT_EQ(lost.code, RejectionCode::kConflict);
  ASSERT_TRUE(lost.winner);
  EXPECT_EQ(lost.winner->by, "user:rita");
  EXPECT_EQ(lost.winner->decision, "task.approved");
  EXPECT_EQ(lost.winner->offset, accepted.offset);
}

class WinnerTest : public ::testing::Test {
 protected:
  // Rita approves the first of two steps.
  void start() {
    run_id_ = core_.start(R"({"steps":[{"id":"one","task":"a","approval":{}},
                                       {"id":"two","task":"a","approval":{}}]})");
    first_ = approval_of("one");
    EXPECT_TRUE(was_taken(core_.as_reviewer(first_, "rita")));
  }
  AnswerApproval approval_of(const std::string& step) {
    const TaskState task = core_.task(run_id_, step);
    return {run_id_, task.task_id, true, task.question->content_sha256, "", {}};
  }
  std::optional<Winner> winner_over(const Outcome& outcome) {
    EXPECT_EQ(code_of(outcome), RejectionCode::kConflict);
    const auto* rejection = std::get_if<Rejection>(&outcome);
    return rejection == nullptr ? std::nullopt : rejection->winner;
  }

  WorkflowHarness core_;
  std::string run_id_;
  AnswerApproval first_;
};

TEST_F(WinnerTest, IsWhoAnsweredAlthoughTheRunHasEndedSince) {
  start();
  core_.work();
  EXPECT_TRUE(was_taken(core_.as_reviewer(approval_of("two"), "olga")));
  core_.work();
  ASSERT_EQ(core_.stored(run_id_)->status, RunStatus::kSucceeded);
  const auto winner = winner_over(core_.as_reviewer(first_, "rob"));
  ASSERT_TRUE(winner);
  EXPECT_EQ(winner->by, "user:rita");
  EXPECT_EQ(winner->decision, "task.approved");
}

TEST_F(WinnerTest, IsWhoCanceledWhileTheRunIsCanceling) {
  start();
  core_.lease_all();  // a worker holds the first step, and has not stopped yet
  core_.as_user(CancelRun{run_id_, {}});
  ASSERT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceling);
  const auto winner = winner_over(core_.as_reviewer(first_, "rob"));
  ASSERT_TRUE(winner);
  EXPECT_EQ(winner->decision, "run.cancel_requested");
}

TEST_F(WinnerTest, IsTheSystemWhenAnotherRunHasTakenTheKey) {
  const std::string spec = R"({"steps":[{"id":"one","task":"a","approval":{}}]})";
  SubmitRun old = core_.spec_submission(spec);
  old.concurrency = Concurrency{"k", 1, OnConflict::kReject};
  run_id_ = core_.start(std::move(old));
  const auto stale = approval_of("one");
  core_.as_user(PauseRun{run_id_, {}});
  core_.as_user(ResumeRun{run_id_, {}});
  core_.clock.advance_us(1000);
  SubmitRun next = core_.spec_submission(spec);
  next.concurrency = Concurrency{"k", 1, OnConflict::kReplace};
  core_.start(std::move(next));
  ASSERT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceled);
  const auto winner = winner_over(core_.as_reviewer(stale, "rob"));
  ASSERT_TRUE(winner);
  EXPECT_EQ(winner->by, "system");
}

TEST_F(WinnerTest, IsNobodyOverOneWhoSawTheRunAsItIs) {
  const std::string run_id = core_.submit();
  core_.as_user(PauseRun{run_id, {}});
  const auto version = core_.stored(run_id)->version;
  EXPECT_FALSE(winner_over(core_.as_user(PauseRun{run_id, version})));
  EXPECT_TRUE(winner_over(core_.as_user(PauseRun{run_id, {}})));
}

TEST(RetryRun, IsRefusedWhereAnotherStepWouldPauseItAtOnce) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
      {"id":"one","task":"a","needs":[]},{"id":"two","task":"b","needs":[]}]})");
  for (const auto& grant : core.lease_all()) core.fail(grant);
  const auto refused = core.as_user(RetryRun{run_id, "two", {}});
  EXPECT_EQ(code_of(refused), RejectionCode::kInvalid);
  EXPECT_THAT(core.reason(refused), ::testing::HasSubstr("step 'one' has failed too"));
}

}  // namespace
}  // namespace runledger::core
