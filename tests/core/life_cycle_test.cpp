// Commands in, events out: what each command decides in each state of a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace runledger::core::testing;

RejectionCode code_of(const Outcome& outcome) {
  return std::get<Rejection>(outcome).code;
}
const RunAccepted& accepted(const Outcome& outcome) {
  return std::get<RunAccepted>(std::get<CommandReply>(outcome));
}

TEST(SubmitRun, CreatesARunWhoseTaskIsReady) {
  Harness core;
  const auto outcome = core.as_user(core.submission());
  const std::string run_id = accepted(outcome).run_id;
  EXPECT_EQ(accepted(outcome).offset, 0u);
  EXPECT_THAT(core.types_of(run_id), ElementsAre("run.created", "task.ready"));
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kPending);
  EXPECT_EQ(run->tenant, "acme");
  EXPECT_EQ(run->owner, "alice");
  EXPECT_EQ(run->tasks.at(0).status, TaskStatus::kReady);
  EXPECT_EQ(run->labels.at("conversation_id"), "42");
}

TEST(SubmitRun, AnswersTheSameForTheSameKey) {
  Harness core;
  const auto first = core.as_user(core.submission("k", "sha-1"));
  const auto again = core.as_user(core.submission("k", "sha-1"));
  EXPECT_EQ(accepted(again).run_id, accepted(first).run_id);
  EXPECT_EQ(accepted(again).offset, accepted(first).offset);
  EXPECT_TRUE(accepted(again).replayed);
  EXPECT_EQ(core.storage->log().head(), 2u);
}

TEST(SubmitRun, KnowsTheKeyAfterARestart) {
  Harness core;
  const std::string run_id = core.submit("k", "sha-1");
  core.restart();
  EXPECT_EQ(core.submit("k", "sha-1"), run_id);
  EXPECT_EQ(code_of(core.as_user(core.submission("k", "sha-2"))),
            RejectionCode::kIdempotencyMismatch);
}

TEST(SubmitRun, KeepsTheKeysOfTwoUsersApart) {
  Harness core;
  EXPECT_NE(core.submit("k", "sha-1", "alice"), core.submit("k", "sha-1", "bob"));
}

TEST(SubmitRun, IsRefusedAloneWhenItIsTooLargeForAnEvent) {
  Harness core;
  SubmitRun large = core.submission();
  RunPlan plan = *large.plan;
  plan.input.text = R"({"p":")" + std::string(eventlog::kPayloadBytesMax, 'x') + R"("})";
  large.plan = std::make_shared<const RunPlan>(std::move(plan));
  EXPECT_EQ(code_of(core.as_user(std::move(large))), RejectionCode::kTooLarge);
  EXPECT_EQ(core.storage->log().head(), 0u);
  EXPECT_FALSE(core.submit().empty());
}

TEST(GrantLeases, LeasesNothingWhenNothingIsReady) {
  Harness core;
  EXPECT_THAT(core.lease(4), IsEmpty());
  EXPECT_EQ(core.storage->log().head(), 0u);
}

TEST(GrantLeases, LeasesEachTaskOnceInOrderOfPriorityThenAge) {
  Harness core;
  const std::string old = core.submit();
  const std::string young = core.submit();
  SubmitRun urgent = core.submission();
  urgent.priority = 5;
  const std::string urgent_id = urgent.run_id;
  core.as_user(std::move(urgent));
  std::vector<std::string> order;
  for (const auto& grant : core.lease(10)) order.push_back(grant.run_id);
  EXPECT_THAT(order, ElementsAre(urgent_id, old, young));
  EXPECT_THAT(core.lease(10), IsEmpty());
}

TEST(GrantLeases, LeavesTypesAloneThatTheWorkerDoesNotHave) {
  Harness core;
  core.submit();
  GrantLeases grant{"wrk_2", "w2", false, {{"video", "1", "x"}}, {"lease_x"}};
  const auto outcome = core.as_worker(std::move(grant));
  EXPECT_THAT(std::get<LeasesGranted>(std::get<CommandReply>(outcome)).grants, IsEmpty());
}

TEST(Report, TakesATaskToItsEnd) {
  Harness core;
  const std::string run_id = core.submit();
  const auto grant = core.lease(1).at(0);
  core.as_worker(RecordProgress{lease_of(grant), 40, "drawing"});
  core.as_worker(RecordEmitted{lease_of(grant), "text.delta", {R"({"t":1})"}});
  core.as_worker(RecordLog{lease_of(grant), "info", "hello"});
  const auto stored = core.as_worker(
      StoreResource{lease_of(grant), "res_1", "a.png", "image/png", std::string(64, 'b'), 10});
  EXPECT_EQ(std::get<ResourceStored>(std::get<CommandReply>(stored)).resource_id, "res_1");
  core.as_worker(CompleteTask{lease_of(grant), {R"({"resource_id":"res_1"})"}});
  EXPECT_THAT(core.types_of(run_id),
              ElementsAre("run.created", "task.ready", "run.started", "task.leased",
                          "task.progressed", "task.emitted", "task.logged", "resource.created",
                          "resource.succeeded", "task.succeeded", "run.succeeded"));
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kSucceeded);
  EXPECT_EQ(run->output->text, R"({"resource_id":"res_1"})");
  EXPECT_EQ(run->resources.at(0).status, ResourceStatus::kSucceeded);
  EXPECT_EQ(run->tasks.at(0).attempts.at(0).status, AttemptStatus::kSucceeded);
}

TEST(Report, IsFencedAfterTheEnd) {
  Harness core;
  core.submit();
  const auto grant = core.lease(1).at(0);
  core.as_worker(CompleteTask{lease_of(grant), {"{}"}});
  const auto head = core.storage->log().head();
  EXPECT_EQ(code_of(core.as_worker(RecordProgress{lease_of(grant), 1, ""})),
            RejectionCode::kFenced);
  EXPECT_EQ(code_of(core.as_worker(CompleteTask{lease_of(grant), {"{}"}})), RejectionCode::kFenced);
  EXPECT_EQ(core.storage->log().head(), head);
}

TEST(Report, IsFencedUnderALeaseThatWasLost) {
  Harness core;
  const std::string run_id = core.submit();
  const auto first = core.lease(1).at(0);
  core.as_worker(LoseLease{run_id, first.task_id, first.lease_id, "worker_lost", true});
  const auto second = core.lease(1).at(0);
  EXPECT_EQ(second.attempt, 2u);
  EXPECT_EQ(code_of(core.as_worker(CompleteTask{lease_of(first), {"{}"}})), RejectionCode::kFenced);
  core.as_worker(CompleteTask{lease_of(second), {"{}"}});
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

TEST(Report, OfAFailureFailsTheRunWithItsError) {
  Harness core;
  const std::string run_id = core.submit();
  const auto grant = core.lease(1).at(0);
  core.as_worker(FailTask{lease_of(grant), {"no_font", "There is no font", false}});
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kFailed);
  EXPECT_EQ(run->error->code, "no_font");
  EXPECT_EQ(run->tasks.at(0).attempts.at(0).error->code, "no_font");
}

TEST(StoreResource, GivesTheSameResourceForTheSameContentOfATask) {
  Harness core;
  const std::string run_id = core.submit();
  const auto first = core.lease(1).at(0);
  const std::string sha(64, 'b');
  core.as_worker(StoreResource{lease_of(first), "res_1", "a.png", "image/png", sha, 10});
  core.as_worker(LoseLease{run_id, first.task_id, first.lease_id, "worker_lost", false});
  const auto second = core.lease(1).at(0);
  const auto again =
      core.as_worker(StoreResource{lease_of(second), "res_2", "a.png", "image/png", sha, 10});
  EXPECT_EQ(std::get<ResourceStored>(std::get<CommandReply>(again)).resource_id, "res_1");
  EXPECT_EQ(core.stored(run_id)->resources.size(), 1u);
}

TEST(LoseLease, GivesTheTaskBackUntilItIsChargedTooOften) {
  Harness core;
  const std::string run_id = core.submit();
  for (std::uint32_t loss = 1; loss <= kLeaseLossesMax; ++loss) {
    const auto grant = core.lease(1).at(0);
    EXPECT_EQ(grant.attempt, loss);
    core.as_worker(LoseLease{run_id, grant.task_id, grant.lease_id, "worker_lost", true});
  }
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.stored(run_id)->error->code, "worker_lost");
}

TEST(LoseLease, IsNotCountedWhenItIsNotCharged) {
  Harness core;
  const std::string run_id = core.submit();
  for (int loss = 0; loss < 10; ++loss) {
    const auto grant = core.lease(1).at(0);
    core.as_worker(LoseLease{run_id, grant.task_id, grant.lease_id, "server_restarted", false});
  }
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kPending) << "nobody runs it";
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).status, TaskStatus::kReady);
}

TEST(LoseLease, EndsATaskThatIsLostSilentlyAgainAndAgain) {
  Harness core;
  const std::string run_id = core.submit();
  for (std::uint32_t loss = 0; loss < kSilentLossesMax; ++loss) {
    ASSERT_EQ(core.stored(run_id)->status, RunStatus::kPending);
    const auto grant = core.lease(1).at(0);
    core.as_worker(LoseLease{run_id, grant.task_id, grant.lease_id, "worker_lost", false});
  }
  EXPECT_EQ(core.stored(run_id)->error->code, "worker_lost");
}

TEST(LoseLease, EndsATaskThatIsHandedBackForEver) {
  Harness core;
  const std::string run_id = core.submit();
  for (std::size_t attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const auto grant = core.lease(1).at(0);
    core.as_worker(AcknowledgeCancel{lease_of(grant)});
  }
  EXPECT_EQ(core.stored(run_id)->error->code, "too_many_attempts");
}

TEST(LoseLease, GivesTheTaskItsOldPlaceInTheQueue) {
  Harness core;
  const std::string first = core.submit();
  const auto grant = core.lease(1).at(0);
  core.submit();
  core.as_worker(LoseLease{first, grant.task_id, grant.lease_id, "worker_lost", false});
  EXPECT_EQ(core.lease(1).at(0).run_id, first);
  EXPECT_EQ(core.stored(first)->status, RunStatus::kRunning);
}

TEST(CancelRun, EndsARunAtOnceThatNobodyRuns) {
  Harness core;
  const std::string run_id = core.submit();
  const auto outcome = core.as_user(CancelRun{run_id, {}});
  EXPECT_EQ(accepted(outcome).status, RunStatus::kCanceling);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kCanceled);
  EXPECT_THAT(core.types_of(run_id),
              ElementsAre("run.created", "task.ready", "run.cancel_requested", "task.canceled",
                          "run.canceled"));
  EXPECT_THAT(core.lease(1), IsEmpty());
}

TEST(CancelRun, WaitsForTheWorkerAndTellsItToStop) {
  Harness core;
  const std::string run_id = core.submit();
  const auto grant = core.lease(1).at(0);
  core.as_user(CancelRun{run_id, {}});
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kCanceling);
  core.as_worker(AcknowledgeCancel{lease_of(grant)});
  const auto& stop = std::get<StopTask>(core.actions.back());
  EXPECT_EQ(stop.lease_id, grant.lease_id);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kCanceled);
}

TEST(CancelRun, EndsAsCanceledWhateverTheTaskCameTo) {
  for (const bool success : {true, false}) {
    Harness core;
    const std::string run_id = core.submit();
    const auto grant = core.lease(1).at(0);
    core.as_user(CancelRun{run_id, {}});
    if (success) {
      core.as_worker(CompleteTask{lease_of(grant), {"{}"}});
    } else {
      core.as_worker(LoseLease{run_id, grant.task_id, grant.lease_id, "cancel_ignored", false});
    }
    EXPECT_EQ(core.stored(run_id)->status, RunStatus::kCanceled);
  }
}

TEST(CancelRun, TellsWhoWonWhenTheRunHasEnded) {
  Harness core;
  const std::string run_id = core.submit();
  core.as_user(CancelRun{run_id, {}});
  const auto late = std::get<Rejection>(core.as_user(CancelRun{run_id, {}}));
  EXPECT_EQ(late.code, RejectionCode::kConflict);
  EXPECT_EQ(late.winner->decision, "run.cancel_requested");
  EXPECT_EQ(late.winner->by, "user:alice");
  EXPECT_EQ(late.winner->offset, 2u);
}

TEST(CancelRun, RefusesAnotherVersionThanTheOneSeen) {
  Harness core;
  const std::string run_id = core.submit();
  const auto version = core.stored(run_id)->version;
  EXPECT_EQ(code_of(core.as_user(CancelRun{run_id, version + 1})), RejectionCode::kConflict);
  EXPECT_TRUE(std::holds_alternative<CommandReply>(core.as_user(CancelRun{run_id, version})));
}

TEST(CancelRun, DoesNotKnowTheRunOfAnother) {
  Harness core;
  const std::string run_id = core.submit();
  const auto others = std::get<Rejection>(core.as_user(CancelRun{run_id, {}}, "bob"));
  const auto nobodys = std::get<Rejection>(core.as_user(CancelRun{"run_x", {}}, "bob"));
  EXPECT_EQ(others.code, RejectionCode::kNotFound);
  EXPECT_EQ(nobodys.code, RejectionCode::kNotFound);
}

TEST(Progress, DoesNotChangeTheVersion) {
  Harness core;
  const std::string run_id = core.submit();
  const auto grant = core.lease(1).at(0);
  const auto version = core.stored(run_id)->version;
  core.as_worker(RecordProgress{lease_of(grant), 250, "over the top"});
  EXPECT_EQ(core.stored(run_id)->version, version);
  EXPECT_EQ(core.stored(run_id)->tasks.at(0).percent, 100);
}

}  // namespace
}  // namespace runledger::core
