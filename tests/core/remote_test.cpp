// Jobs that tasks hand to other people's servers: what is recorded of them, and that nobody hands
// one over twice.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using namespace runledger::core::testing;

constexpr const char* kOneStep = R"({"steps":[{"id":"one","task":"a","on_error":"fail"}]})";

class RemoteTest : public ::testing::Test {
 protected:
  using Grant = LeasesGranted::Grant;

  Grant begin(const std::string& spec = kOneStep) {
    run_id_ = core_.start(spec);
    return core_.lease_one_of(run_id_);
  }
  Outcome intend(const Grant& grant, std::uint32_t ordinal = 1, bool found_nothing = false) {
    return core_.as_worker(IntendRemote{
        lease_of(grant), ordinal, "coze",
        RemotePlaceholder{core_.ids.make("res"), "clip.mp4", "video/mp4"}, found_nothing});
  }
  Outcome intend_bare(const Grant& grant, std::uint32_t ordinal = 1) {
    return core_.as_worker(IntendRemote{lease_of(grant), ordinal, "coze", {}, false});
  }
  Outcome confirm(const Grant& grant, const std::string& execute_id = "job-7",
                  std::uint32_t ordinal = 1, bool found = false) {
    const auto& calls = task().remote_calls;
    const std::string key = calls.empty() ? "none" : calls.back().idempotency_key;
    return core_.as_worker(ConfirmRemote{lease_of(grant), ordinal, key, execute_id, found});
  }
  Outcome doubt(const Grant& grant) {
    return core_.as_worker(DoubtRemote{lease_of(grant), 1, "The connection broke off"});
  }
  Outcome lose(const Grant& grant) {
    return core_.run(core_.commands.from_system(
        LoseLease{run_id_, grant.task_id, grant.lease_id, std::string(kWorkerLost), false}));
  }
  Outcome resolve(RemoteOutcome outcome, const std::string& execute_id = "",
                  const std::string& name = "olga",
                  std::optional<std::uint64_t> version = std::nullopt) {
    ResolveRemote body{run_id_, task().task_id, outcome, execute_id, "looked at it", version};
    return core_.run(
        core_.commands.from_user({"acme", name, {Role::kOperator}, "tok"}, std::move(body)));
  }
  static std::string key_in(const Outcome& outcome) {
    return std::get<RemoteKey>(std::get<CommandReply>(outcome)).idempotency_key;
  }
  TaskState task() { return core_.task(run_id_, "one"); }
  RunState run() { return *core_.stored(run_id_); }
  RemoteStatus status() { return task().remote_calls.at(0).status; }
  std::vector<std::string> types_from(const std::string& type) {
    const auto all = core_.types_of(run_id_);
    return {std::find(all.begin(), all.end(), type), all.end()};
  }

  WorkflowHarness core_;
  std::string run_id_;
};

TEST_F(RemoteTest, AJobIsIntendedThenSubmittedTogetherWithItsResource) {
  const auto grant = begin();
  const std::string key = key_in(intend(grant));
  EXPECT_THAT(key, HasSubstr(grant.task_id));
  EXPECT_EQ(status(), RemoteStatus::kIntended);
  EXPECT_TRUE(run().resources.empty());
  const auto head = core_.storage->log().head();
  EXPECT_TRUE(was_taken(confirm(grant)));
  EXPECT_THAT(types_from("remote.intended"),
              ElementsAre("remote.intended", "remote.submitted", "resource.created"));
  EXPECT_EQ(core_.storage->log().head(), head + 2);
  const ResourceState resource = run().resources.at(0);
  EXPECT_EQ(resource.status, ResourceStatus::kRunning);
  EXPECT_EQ(resource.execute_id, "job-7");
  EXPECT_EQ(resource.task_type, "a");
  EXPECT_EQ(resource.resource_id, task().remote_calls.at(0).resource->resource_id);
  EXPECT_EQ(task().memos.at(0).kind, MemoKind::kRemote);
  EXPECT_EQ(task().memos.at(0).result.text, R"({"execute_id":"job-7","idempotency_key":")" + key +
                                                R"(","resource_id":")" + resource.resource_id +
                                                R"("})");
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, TheArtifactOfThatNameCompletesTheResource) {
  const auto grant = begin();
  intend(grant);
  confirm(grant);
  const std::string wanted = run().resources.at(0).resource_id;
  const auto stored = core_.as_worker(StoreResource{
      lease_of(grant), core_.ids.make("res"), "clip.mp4", "video/webm", std::string(64, 'a'), 10});
  EXPECT_EQ(std::get<ResourceStored>(std::get<CommandReply>(stored)).resource_id, wanted);
  core_.succeed(grant);
  ASSERT_EQ(run().resources.size(), 1u);
  EXPECT_EQ(run().resources[0].status, ResourceStatus::kSucceeded);
  EXPECT_EQ(run().resources[0].media_type, "video/webm");
  EXPECT_EQ(run().resources[0].execute_id, "job-7");
  EXPECT_THAT(types_from("resource.created"), ElementsAre("resource.created", "resource.succeeded",
                                                          "task.succeeded", "run.succeeded"));
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, TheEndOfTheTaskEndsAResourceWithoutContentAndSaysWhy) {
  for (const bool canceled : {false, true}) {
    const auto grant = begin();
    intend(grant);
    confirm(grant);
    if (canceled) {
      core_.as_user(CancelRun{run_id_, {}});
      core_.as_worker(AcknowledgeCancel{lease_of(grant)});
    } else {
      core_.fail(grant);
    }
    const ResourceState resource = run().resources.at(0);
    EXPECT_EQ(resource.status, ResourceStatus::kFailed);
    EXPECT_EQ(resource.error->code, canceled ? "canceled" : "boom");
    EXPECT_GT(resource.ended_us, 0);
    EXPECT_EQ(core_.rows(), core_.folded());
  }
}

TEST_F(RemoteTest, ARetryKeepsTheJobAndItsResource) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a",
      "retry":{"max_attempts":2,"initial_ms":10}}]})");
  intend(grant);
  confirm(grant);
  core_.fail(grant, true);
  EXPECT_EQ(run().resources.at(0).status, ResourceStatus::kRunning);
  core_.pass_to_due();
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.memos.size(), 1u);
  EXPECT_FALSE(again.remote);
  EXPECT_EQ(key_in(intend_bare(again, 2)).back(), '2') << "the next call has a key of its own";
}

TEST_F(RemoteTest, WhoComesAfterACrashIsToldOfTheJobAndHasToLook) {
  const auto grant = begin();
  const std::string key = key_in(intend(grant));
  lose(grant);
  core_.restart();
  const auto again = core_.lease_one_of(run_id_);
  ASSERT_TRUE(again.remote);
  EXPECT_EQ(again.remote->provider, "coze");
  EXPECT_EQ(again.remote->idempotency_key, key);
  EXPECT_EQ(code_of(intend(again)), RejectionCode::kInvalid) << "it has not looked";
  EXPECT_EQ(key_in(intend(again, 1, true)), key);
  confirm(again, "job-8", 1, true);
  EXPECT_EQ(task().remote_calls.size(), 1u);
  EXPECT_EQ(task().remote_calls[0].execute_id, "job-8");
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, TheSameReportUnderTheSameLeaseIsTheSame) {
  const auto grant = begin();
  const std::string key = key_in(intend(grant));
  EXPECT_EQ(key_in(intend(grant)), key);
  confirm(grant);
  const auto head = core_.storage->log().head();
  EXPECT_TRUE(was_taken(confirm(grant)));
  EXPECT_EQ(core_.storage->log().head(), head);
  EXPECT_EQ(code_of(confirm(grant, "job-9")), RejectionCode::kInvalid);
}

TEST_F(RemoteTest, AJobThatIsKnownToHaveFailedIsHandedOverAgainUnderItsKey) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a",
      "retry":{"max_attempts":2,"initial_ms":10}}]})");
  const std::string key = key_in(intend(grant));
  core_.as_worker(RefuteRemote{lease_of(grant), 1, {"quota", "No more today", false}});
  EXPECT_EQ(status(), RemoteStatus::kFailed);
  core_.fail(grant, true, "quota");
  core_.pass_to_due();
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_FALSE(again.remote);
  EXPECT_EQ(key_in(intend(again)), key);
  EXPECT_EQ(task().remote_calls.size(), 1u);
  confirm(again);
  EXPECT_EQ(status(), RemoteStatus::kSubmitted);
}

TEST_F(RemoteTest, AnUnknownJobPausesTheRunUntilAnOperatorSays) {
  const auto grant = begin();
  intend(grant);
  EXPECT_TRUE(was_taken(doubt(grant)));
  EXPECT_THAT(types_from("remote.unknown"), ElementsAre("remote.unknown", "resource.created"));
  EXPECT_EQ(run().status, RunStatus::kPaused);
  EXPECT_EQ(run().pause_reason(), PauseReason::kUnknownRemote);
  EXPECT_EQ(run().resources.at(0).status, ResourceStatus::kUnknown);
  const WaitReason why = core_.why(run_id_).at(0);
  EXPECT_EQ(why.kind, WaitReasonKind::kUnknownRemote);
  EXPECT_THAT(why.movers, ElementsAre("operator"));
  EXPECT_THAT(why.detail, HasSubstr("The connection broke off"));
  EXPECT_TRUE(core_.lease_all().empty());
  EXPECT_EQ(code_of(core_.as_user(ResumeRun{run_id_, {}})), RejectionCode::kConflict);
  EXPECT_EQ(code_of(core_.as_user(RetryRun{run_id_, "one", {}})), RejectionCode::kConflict);
  EXPECT_TRUE(was_taken(resolve(RemoteOutcome::kSubmitted, "job-3")));
  EXPECT_EQ(run().resources.at(0).status, ResourceStatus::kRunning);
  EXPECT_EQ(run().resources.at(0).execute_id, "job-3");
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_EQ(again.attempt, 1u);
  EXPECT_THAT(again.memos.at(0).result.text, HasSubstr("job-3"));
  core_.succeed(again);
  EXPECT_EQ(run().status, RunStatus::kSucceeded);
  EXPECT_EQ(run().resources.at(0).error->code, "no_content");
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, AJobThatWasNotSubmittedIsHandedOverUnderTheSameKey) {
  const auto grant = begin();
  const std::string key = key_in(intend(grant));
  doubt(grant);
  core_.restart();
  resolve(RemoteOutcome::kNotSubmitted);
  EXPECT_EQ(run().resources.at(0).status, ResourceStatus::kPending);
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_FALSE(again.remote);
  EXPECT_EQ(key_in(intend(again)), key);
  confirm(again);
  EXPECT_EQ(run().resources.size(), 1u);
  EXPECT_EQ(run().resources[0].status, ResourceStatus::kRunning);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, AJobThatAnOperatorGivesUpFailsItsTaskForGood) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a","on_error":"fail",
      "retry":{"max_attempts":5}}]})");
  intend(grant);
  doubt(grant);
  resolve(RemoteOutcome::kFailed);
  EXPECT_EQ(run().status, RunStatus::kFailed);
  EXPECT_EQ(run().error->code, "remote_failed");
  EXPECT_THAT(run().error->message, HasSubstr("looked at it"));
  EXPECT_EQ(run().resources.at(0).status, ResourceStatus::kFailed);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, OneOfTwoOperatorsWinsAndOthersMayNotSay) {
  const auto grant = begin();
  intend(grant);
  doubt(grant);
  const auto version = run().version;
  const ResolveRemote body{run_id_, task().task_id, RemoteOutcome::kSubmitted, "job-1", "", {}};
  EXPECT_EQ(code_of(core_.as_user(body)), RejectionCode::kForbidden);
  EXPECT_EQ(code_of(core_.as_user(body, "bob")), RejectionCode::kNotFound);
  EXPECT_TRUE(was_taken(resolve(RemoteOutcome::kSubmitted, "job-1", "olga", version)));
  for (const auto& seen : {std::optional(version), std::optional<std::uint64_t>()}) {
    const auto lost = resolve(RemoteOutcome::kNotSubmitted, "", "otto", seen);
    ASSERT_EQ(code_of(lost), RejectionCode::kConflict);
    const auto& winner = std::get<Rejection>(lost).winner;
    ASSERT_TRUE(winner);
    EXPECT_EQ(winner->by, "user:olga");
    EXPECT_EQ(winner->decision, "remote.resolved");
    EXPECT_GT(winner->offset, 0u);
  }
}

TEST_F(RemoteTest, AFailureInTheMiddleIsADoubtAndNeverAnotherSubmission) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a","on_error":"pause"}]})");
  intend(grant);
  core_.fail(grant, true, "plugin_crashed");
  EXPECT_EQ(run().pause_reason(), PauseReason::kUnknownRemote);
  EXPECT_THAT(core_.why(run_id_).at(0).detail, HasSubstr("It failed"));
  EXPECT_EQ(status(), RemoteStatus::kUnknown);
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, ATimeOutInTheMiddleIsADoubtButTheEndOfAllTimeIsAnEnd) {
  const auto attempt = begin(R"({"steps":[{"id":"one","task":"a","on_error":"fail",
      "attempt_timeout_ms":1000}]})");
  intend(attempt);
  core_.pass_to_due();
  EXPECT_EQ(run().pause_reason(), PauseReason::kUnknownRemote);
  EXPECT_TRUE(core_.was_stopped(attempt.lease_id));
  const auto total = begin(R"({"steps":[{"id":"one","task":"a","on_error":"pause",
      "timeout_ms":1000}]})");
  intend(total);
  core_.pass_to_due();
  EXPECT_EQ(task().status, TaskStatus::kTimedOut);
  EXPECT_EQ(status(), RemoteStatus::kUnknown);
  EXPECT_EQ(run().pause_reason(), PauseReason::kFailure);
  EXPECT_THAT(core_.why(run_id_).at(0).detail, HasSubstr("is not known"));
  EXPECT_TRUE(core_.was_stopped(total.lease_id));
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, ATaskThatIsBegunAnewByHandHasAnotherKey) {
  const auto grant = begin(R"({"steps":[{"id":"one","task":"a","on_error":"pause"}]})");
  const std::string key = key_in(intend(grant));
  confirm(grant);
  core_.fail(grant, false);
  core_.as_user(ResumeRun{run_id_, {}});
  const auto again = core_.lease_one_of(run_id_);
  EXPECT_TRUE(again.memos.empty());
  EXPECT_NE(key_in(intend(again)), key);
  core_.fail(again, false);  // in the middle of it
  resolve(RemoteOutcome::kFailed);
  core_.as_user(RetryRun{run_id_, "one", {}});
  EXPECT_EQ(task().begun_anew, 2u);
  EXPECT_EQ(run().resources.size(), 2u);
  for (const auto& resource : run().resources) EXPECT_FALSE(resource.open());
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(RemoteTest, ATaskWithAnUnansweredJobIsNotBegunAnew) {
  const auto grant = begin();
  intend(grant);
  lose(grant);
  core_.as_user(PauseRun{run_id_, {}});
  const auto refused = core_.as_user(RetryRun{run_id_, "one", {}});
  EXPECT_EQ(code_of(refused), RejectionCode::kConflict);
  EXPECT_THAT(WorkflowHarness::reason(refused), HasSubstr("remote job"));
}

TEST_F(RemoteTest, ACanceledRunHasItsJobsCanceledOnceAndIntendsNoMore) {
  const auto grant = begin();
  intend(grant);
  confirm(grant);
  core_.as_user(CancelRun{run_id_, {}});
  EXPECT_THAT(types_from("run.cancel_requested"),
              ElementsAre("run.cancel_requested", "remote.cancel_requested"));
  EXPECT_TRUE(task().remote_calls.at(0).cancel_requested);
  EXPECT_TRUE(core_.was_stopped(grant.lease_id));
  intend(grant, 2);
  EXPECT_EQ(run().status, RunStatus::kCanceled);
  EXPECT_EQ(task().remote_calls.size(), 1u);
}

TEST_F(RemoteTest, AJobThatIsSubmittedWhileItsRunIsCanceledIsAFactAndIsCanceled) {
  const auto grant = begin();
  intend(grant);
  core_.as_user(CancelRun{run_id_, {}});
  confirm(grant);
  EXPECT_THAT(types_from("remote.submitted"),
              ElementsAre("remote.submitted", "resource.created", "remote.cancel_requested"));
  core_.as_worker(AcknowledgeCancel{lease_of(grant)});
  EXPECT_EQ(run().status, RunStatus::kCanceled);
}

TEST_F(RemoteTest, ACancelInTheMiddleLeavesTheJobUnknownAndSaysSo) {
  const auto grant = begin();
  intend(grant);
  core_.as_user(CancelRun{run_id_, {}});
  core_.as_worker(AcknowledgeCancel{lease_of(grant)});
  EXPECT_THAT(types_from("remote.unknown"),
              ElementsAre("remote.unknown", "task.canceled", "run.canceled"));
  EXPECT_EQ(status(), RemoteStatus::kUnknown);
}

TEST_F(RemoteTest, WhatIsOutOfOrderOrUnderAnotherLeaseIsRefused) {
  const auto grant = begin();
  EXPECT_EQ(code_of(confirm(grant)), RejectionCode::kInvalid);
  EXPECT_EQ(code_of(doubt(grant)), RejectionCode::kInvalid);
  EXPECT_EQ(code_of(core_.as_worker(RefuteRemote{lease_of(grant), 1, {"x", "", false}})),
            RejectionCode::kInvalid);
  EXPECT_EQ(code_of(intend(grant, 2)), RejectionCode::kInvalid);
  LeaseRef other = lease_of(grant);
  other.lease_id = "lease_other";
  EXPECT_EQ(code_of(core_.as_worker(IntendRemote{other, 1, "coze", {}, false})),
            RejectionCode::kFenced);
  EXPECT_TRUE(task().remote_calls.empty());
}

TEST_F(RemoteTest, ATaskMakesABoundedNumberOfCalls) {
  const auto grant = begin();
  for (std::uint32_t i = 1; i <= kRemoteCallsMax; ++i) {
    ASSERT_TRUE(was_taken(intend_bare(grant, i)));
    ASSERT_TRUE(was_taken(confirm(grant, "job", i)));
  }
  intend_bare(grant, kRemoteCallsMax + 1);
  EXPECT_EQ(run().error->code, "too_many_remote_calls");
}

}  // namespace
}  // namespace runledger::core
