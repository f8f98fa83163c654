// What people decide: each decision is bound to what the person saw, one of many wins, and who
// comes too late is told who did.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

class ApprovalTest : public ::testing::Test {
 protected:
  std::string start(const std::string& extra = "") {
    return core_.start(R"({"steps":[{"id":"one","task":"a","input":{"n":"${run.input.n}"},
      "approval":{"roles":["reviewer"]})" +
                           extra + "}]}",
                       R"({"n":3})");
  }
  AnswerApproval answer(const std::string& run_id, bool approved) {
    const TaskState task = core_.task(run_id, "one");
    return {run_id, task.task_id, approved, task.question->content_sha256, "as agreed", {}};
  }
  WorkflowHarness core_;
};

TEST_F(ApprovalTest, ShowsTheInputThatIsThenRun) {
  const std::string run_id = start();
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kPaused);
  EXPECT_EQ(core_.stored(run_id)->pause_reason(), PauseReason::kApproval);
  EXPECT_TRUE(core_.lease_all().empty());
  EXPECT_EQ(core_.task(run_id, "one").question->body.text, R"({"n":3})");
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(run_id, true))));
  EXPECT_EQ(core_.lease_one_of(run_id).input.text, R"({"n":3})");
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(ApprovalTest, IsNotGivenByResuming) {
  const std::string run_id = start();
  const auto outcome = core_.as_user(ResumeRun{run_id, {}});
  EXPECT_EQ(code_of(outcome), RejectionCode::kConflict);
  EXPECT_NE(core_.reason(outcome).find("approval"), std::string::npos);
  EXPECT_TRUE(core_.lease_all().empty());
}

TEST_F(ApprovalTest, DoesNotEndAPauseByHand) {
  const std::string run_id = start();
  EXPECT_TRUE(was_taken(core_.as_user(PauseRun{run_id, {}})));
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(run_id, true))));
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kPaused);
  EXPECT_TRUE(core_.lease_all().empty());
  core_.as_user(ResumeRun{run_id, {}});
  EXPECT_EQ(core_.lease_all().size(), 1u);
}

TEST_F(ApprovalTest, NeedsTheRole) {
  const std::string run_id = start();
  EXPECT_EQ(code_of(core_.as_user(answer(run_id, true))), RejectionCode::kForbidden);
  EXPECT_EQ(code_of(core_.as_user(answer(run_id, true), "bob")), RejectionCode::kNotFound);
}

TEST_F(ApprovalTest, IsRefusedForOtherContentThanIsThere) {
  const std::string run_id = start();
  AnswerApproval wrong = answer(run_id, true);
  wrong.content_sha256 = std::string(64, '0');
  EXPECT_EQ(code_of(core_.as_reviewer(std::move(wrong))), RejectionCode::kConflict);
}

TEST_F(ApprovalTest, IsWonByOneAndTheOthersAreToldByWhom) {
  const std::string run_id = start();
  const AnswerApproval yes = answer(run_id, true);
  AnswerApproval no = yes;
  no.approved = false;
  EXPECT_TRUE(was_taken(core_.as_reviewer(yes, "rita")));
  const auto late = core_.as_reviewer(no, "rob");
  EXPECT_EQ(code_of(late), RejectionCode::kConflict);
  const auto& winner = std::get<Rejection>(late).winner;
  ASSERT_TRUE(winner);
  EXPECT_EQ(winner->by, "user:rita");
  EXPECT_EQ(winner->decision, "task.approved");
  EXPECT_GT(winner->offset, 0u);
}

TEST_F(ApprovalTest, RefusedEndsTheRun) {
  const std::string run_id = start();
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(run_id, false))));
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core_.stored(run_id)->error->code, "approval_rejected");
}

TEST_F(ApprovalTest, TimesOut) {
  const std::string run_id = core_.start(R"({"steps":[{"id":"one","task":"a","input":{},
      "approval":{"timeout_ms":5000},"on_error":"fail"}]})");
  EXPECT_EQ(core_.why(run_id).at(0).until_us, core_.clock.now_us() + 5'000'000);
  core_.pass_to_due();
  EXPECT_EQ(core_.task(run_id, "one").status, TaskStatus::kTimedOut);
  EXPECT_EQ(core_.stored(run_id)->error->code, "approval_timed_out");
}

class ReviewTest : public ::testing::Test {
 protected:
  void start(const std::string& review) {
    run_id_ = core_.start(R"({"steps":[{"id":"one","task":"a","on_error":"fail","review":)" +
                          review + "}]}");
    ask();
  }
  void ask() {
    const auto grant = core_.lease_one_of(run_id_);
    attempt_ = grant.attempt;
    core_.as_worker(RequestReview{lease_of(grant),
                                  "case",
                                  {R"({"body":1})"},
                                  {R"({"ok":true})"},
                                  JsonText{R"({"type":"object"})"}});
  }
  AnswerReview answer(bool approved, const std::string& feedback = "") {
    const TaskState task = core_.task(run_id_, "one");
    return {run_id_, task.task_id, approved,    task.question ? task.question->content_sha256 : "",
            {},      feedback,     std::nullopt};
  }
  WorkflowHarness core_;
  std::string run_id_;
  std::uint32_t attempt_ = 0;
};

TEST_F(ReviewTest, HoldsNoLeaseAndGoesOnInTheSameAttempt) {
  start("{}");
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kReviewing);
  EXPECT_TRUE(core_.lease_all().empty());
  core_.restart();
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kReviewing);
  AnswerReview yes = answer(true, "fine");
  yes.corrected = JsonText{R"({"body":2})"};
  EXPECT_TRUE(was_taken(core_.as_reviewer(yes)));
  const auto grant = core_.lease_one_of(run_id_);
  EXPECT_EQ(grant.attempt, attempt_);
  const TaskState task = core_.task(run_id_, "one");
  ASSERT_EQ(task.memos.size(), 1u);
  EXPECT_EQ(
      task.memos[0].result.text,
      R"({"approved":true,"body":{"body":2},"corrected":true,"feedback":"fine","by":"user:rita"})");
  core_.succeed(grant);
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(ReviewTest, RejectedGoesBackToTheExecutorUntilItsRoundsAreUsedUp) {
  start(R"({"rounds_max":2})");
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(false, "too dark"))));
  ask();
  EXPECT_EQ(core_.task(run_id_, "one").question->round, 2u);
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(false, "still"))));
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kFailed);
  EXPECT_EQ(core_.stored(run_id_)->error->code, "review_rejected");
}

TEST_F(ReviewTest, RejectedEndsTheRunIfTheSpecSaysSo) {
  start(R"({"on_reject":"end"})");
  core_.as_reviewer(answer(false));
  EXPECT_EQ(core_.stored(run_id_)->error->code, "review_rejected");
}

TEST_F(ReviewTest, IsWonByOne) {
  start("{}");
  const AnswerReview same = answer(true);
  EXPECT_TRUE(was_taken(core_.as_reviewer(same, "rita")));
  const auto late = core_.as_reviewer(same, "rob");
  EXPECT_EQ(code_of(late), RejectionCode::kConflict);
  EXPECT_EQ(std::get<Rejection>(late).winner->by, "user:rita");
}

TEST_F(ReviewTest, OfTheRoundBeforeIsRefusedAlthoughTheBodyIsTheSame) {
  start(R"({"rounds_max":9})");
  const AnswerReview first = answer(false, "again");
  EXPECT_TRUE(was_taken(core_.as_reviewer(first)));
  ask();
  const auto late = core_.as_reviewer(first, "rob");
  EXPECT_EQ(code_of(late), RejectionCode::kConflict);
  EXPECT_EQ(std::get<Rejection>(late).winner->by, "user:rita");
  EXPECT_EQ(core_.task(run_id_, "one").question->round, 2u);
  EXPECT_TRUE(was_taken(core_.as_reviewer(answer(false), "rob")));
}

TEST_F(ReviewTest, OfACanceledRunIsRefused) {
  start("{}");
  const AnswerReview yes = answer(true);
  core_.as_user(CancelRun{run_id_, {}});
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceled);
  EXPECT_EQ(code_of(core_.as_reviewer(yes)), RejectionCode::kConflict);
}

TEST(PauseRun, StopsNewLeasesAndResumeIsWonByOne) {
  WorkflowHarness core;
  const std::string run_id = core.submit();
  EXPECT_TRUE(was_taken(core.as_user(PauseRun{run_id, {}})));
  EXPECT_TRUE(core.lease_all().empty());
  EXPECT_EQ(code_of(core.as_user(PauseRun{run_id, {}})), RejectionCode::kConflict);
  const auto version = core.stored(run_id)->version;
  EXPECT_TRUE(was_taken(core.as_user(ResumeRun{run_id, version})));
  const auto late = core.as_user(ResumeRun{run_id, version});
  EXPECT_EQ(code_of(late), RejectionCode::kConflict);
  EXPECT_EQ(std::get<Rejection>(late).winner->decision, "run.resumed");
  EXPECT_EQ(core.lease_all().size(), 1u);
}

TEST(PauseRun, IsNotForAnotherUserOfTheTenant) {
  WorkflowHarness core;
  const std::string run_id = core.submit();
  EXPECT_EQ(code_of(core.as_reviewer(PauseRun{run_id, {}})), RejectionCode::kForbidden);
  EXPECT_EQ(code_of(core.as_user(PauseRun{run_id, {}}, "bob")), RejectionCode::kNotFound);
}

TEST(RetryRun, BeginsAStepAndWhatNeedsItAnew) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"one","task":"a"},{"id":"two","task":"a"},{"id":"three","task":"b"}]})");
  core.succeed(core.lease_one_of(run_id), R"({"v":1})");
  core.succeed(core.lease_one_of(run_id), R"({"v":2})");
  core.fail(core.lease_one_of(run_id));
  ASSERT_EQ(core.stored(run_id)->status, RunStatus::kPaused);
  EXPECT_EQ(code_of(core.as_user(RetryRun{run_id, "nine", {}})), RejectionCode::kInvalid);
  EXPECT_TRUE(was_taken(core.as_user(RetryRun{run_id, "two", {}})));
  EXPECT_EQ(core.task(run_id, "one").status, TaskStatus::kSucceeded);
  EXPECT_EQ(core.task(run_id, "three").status, TaskStatus::kBlocked);
  core.work();
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core.task(run_id, "two").attempts.size(), 2u);
  EXPECT_EQ(core.rows(), core.folded());
}

}  // namespace
}  // namespace runledger::core
