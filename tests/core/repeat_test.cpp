// Retrying a run that has ended: a new run that is linked to it.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using namespace runledger::core::testing;

constexpr const char* kSteps = R"({"steps":[
  {"id":"one","task":"a","input":{"n":"${run.input.n}"}},
  {"id":"maybe","task":"a","needs":["one"],"when":{"eq":[1,2]}},
  {"id":"each","task":"b","needs":["one"],"for_each":{"items":[1,2]},"input":{}},
  {"id":"two","task":"a","needs":["one","each"],"on_error":"fail",
   "input":{"from":"${steps.one.output}","all":"${steps.each.output}"}}]})";

class RepeatTest : public ::testing::Test {
 protected:
  // Ends as failed, in its last step.
  std::string failed_run(std::optional<Concurrency> concurrency = {}) {
    SubmitRun submit = core_.spec_submission(kSteps, R"({"n":3})");
    submit.labels = {{"conversation", "42"}};
    submit.concurrency = concurrency;
    const std::string run_id = core_.start(std::move(submit));
    core_.succeed(core_.lease_one_of(run_id), R"({"v":1})");
    for (const auto& grant : core_.lease_all()) core_.succeed(grant, R"({"w":2})");
    core_.fail(core_.lease_one_of(run_id));
    EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kFailed);
    return run_id;
  }
  static RunAccepted accepted(const Outcome& outcome) {
    EXPECT_TRUE(was_taken(outcome)) << WorkflowHarness::reason(outcome);
    return std::get<RunAccepted>(std::get<CommandReply>(outcome));
  }
  WorkflowHarness core_;
};

TEST_F(RepeatTest, FromAStepKeepsWhatEndedBeforeItAsFactsOfTheNewRun) {
  const std::string old_id = failed_run();
  const auto again = accepted(core_.as_user(RetryRun{old_id, "two", {}}));
  ASSERT_NE(again.run_id, old_id);
  EXPECT_THAT(core_.types_of(again.run_id), ElementsAre("run.created", "task.reused", "task.reused",
                                                        "task.reused", "task.ready"));
  const auto run = core_.stored(again.run_id);
  EXPECT_EQ(run->retry_of, old_id);
  EXPECT_EQ(run->labels.at("conversation"), "42");
  EXPECT_EQ(run->plan->input.text, R"({"n":3})");
  EXPECT_EQ(core_.task(again.run_id, "maybe").status, TaskStatus::kSkipped);
  EXPECT_EQ(core_.task(again.run_id, "one").reused_from, core_.task(old_id, "one").task_id);
  const auto grant = core_.lease_one_of(again.run_id);
  EXPECT_EQ(grant.input.text, R"({"from":{"v":1},"all":[{"w":2},{"w":2}]})");
  core_.succeed(grant);
  EXPECT_EQ(core_.stored(again.run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core_.stored(old_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RepeatTest, WithoutAStepDoesAllOfItAgain) {
  const auto again = accepted(core_.as_user(RetryRun{failed_run(), "", {}}));
  EXPECT_THAT(core_.types_of(again.run_id), ElementsAre("run.created", "task.ready"));
  EXPECT_EQ(core_.lease_one_of(again.run_id).input.text, R"({"n":3})");
}

TEST_F(RepeatTest, TakesAnotherInputInsteadButNotWithAStep) {
  const std::string old_id = failed_run();
  RetryRun retry{old_id, "two", {}, JsonText{R"({"n":4})"}};
  EXPECT_EQ(code_of(core_.as_user(retry)), RejectionCode::kInvalid);
  retry.from_step.clear();
  const auto again = accepted(core_.as_user(retry));
  EXPECT_EQ(core_.lease_one_of(again.run_id).input.text, R"({"n":4})");
}

TEST_F(RepeatTest, OfASingleTaskReplacesTheTasksInput) {
  const std::string old_id = core_.submit();
  core_.work();
  const auto again =
      accepted(core_.as_user(RetryRun{old_id, "", {}, JsonText{R"({"prompt":"${x}"})"}}));
  EXPECT_EQ(core_.lease_one_of(again.run_id).input.text, R"({"prompt":"${x}"})");
}

TEST_F(RepeatTest, IsMadeOnceForAnIdempotencyKey) {
  const std::string old_id = failed_run();
  const RetryRun retry{old_id, "two", {}, {}, "key-1", "sha-1"};
  const auto first = accepted(core_.as_user(retry));
  core_.restart();
  const auto second = accepted(core_.as_user(retry));
  EXPECT_EQ(second.run_id, first.run_id);
  EXPECT_EQ(second.offset, first.offset);
  EXPECT_TRUE(second.replayed);
  RetryRun other = retry;
  other.request_sha256 = "sha-2";
  EXPECT_EQ(code_of(core_.as_user(other)), RejectionCode::kIdempotencyMismatch);
}

TEST_F(RepeatTest, WaitsForTheConcurrencyKeyOfTheOldRun) {
  const Concurrency one{"ws-1", 1, OnConflict::kReject};
  const std::string old_id = failed_run(one);
  SubmitRun holder = core_.submission();
  holder.concurrency = one;
  const std::string holder_id = core_.start(std::move(holder));
  const auto refused = core_.as_user(RetryRun{old_id, "", {}});
  EXPECT_EQ(code_of(refused), RejectionCode::kConflict);
  EXPECT_EQ(std::get<Rejection>(refused).winner->run_id, holder_id);
}

TEST_F(RepeatTest, BelongsToTheOwnerWhoeverAsks) {
  const std::string old_id = failed_run();
  EXPECT_EQ(code_of(core_.as_user(RetryRun{old_id, "", {}}, "bob")), RejectionCode::kNotFound);
  EXPECT_EQ(code_of(core_.as_reviewer(RetryRun{old_id, "", {}})), RejectionCode::kForbidden);
  const auto again = accepted(core_.run(core_.commands.from_user(
      {"acme", "olga", {Role::kOperator}, "tok"}, RetryRun{old_id, "", {}})));
  EXPECT_EQ(core_.stored(again.run_id)->owner, "alice");
}

TEST_F(RepeatTest, IsRefusedForAStepThatIsNotThereAndAVersionThatIsNot) {
  const std::string old_id = failed_run();
  EXPECT_EQ(code_of(core_.as_user(RetryRun{old_id, "nine", {}})), RejectionCode::kInvalid);
  EXPECT_EQ(code_of(core_.as_user(RetryRun{old_id, "two", 1})), RejectionCode::kConflict);
}

TEST_F(RepeatTest, OfARunUnderWayIsRefusedWithoutAStep) {
  const std::string run_id = core_.submit();
  EXPECT_EQ(code_of(core_.as_user(RetryRun{run_id, "", {}})), RejectionCode::kInvalid);
  core_.as_user(PauseRun{run_id, {}});
  EXPECT_EQ(code_of(core_.as_user(RetryRun{run_id, "main", {}, {}, "key-1", "sha"})),
            RejectionCode::kInvalid)
      << "it makes no run that the key could stand for";
}

}  // namespace
}  // namespace runledger::core
