#include "core/dispatch/dispatcher.h"

#include "tests/core/dispatcher_fixture.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;
using namespace protocol;

using DispatcherTest = DispatcherFixture;

TEST_F(DispatcherTest, GivesAReadyTaskWithItsInputToAFreeWorker) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  EXPECT_EQ(task.run_id, run_id);
  EXPECT_EQ(task.input, R"({"prompt":"x"})");
  EXPECT_EQ(task.session, R"({"workspace":"ws-1"})");
  EXPECT_EQ(task.attempt, 1u);
}

TEST_F(DispatcherTest, WakesAWorkerThatWasFreeBefore) {
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const std::string run_id = core_.submit();
  EXPECT_EQ(worker.connection->next<Leased>().tasks.at(0).run_id, run_id);
}

TEST_F(DispatcherTest, GivesNoMoreTasksThanThereIsRoomFor) {
  core_.submit();
  core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto first = worker.connection->next<Leased>();
  EXPECT_EQ(first.tasks.size(), 1u);
  FakeWorker other(*dispatcher_);
  other.enter("w2");
  other.say(Lease{5});
  EXPECT_EQ(other.connection->next<Leased>().tasks.size(), 1u) << "the second is still ready";
}

TEST_F(DispatcherTest, AnEndedTaskMakesRoomForTheNext) {
  core_.submit();
  const std::string second = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  worker.report(worker.connection->next<Leased>().tasks.at(0), SucceededReport{"{}"});
  EXPECT_EQ(worker.connection->next<Leased>().tasks.at(0).run_id, second);
}

TEST_F(DispatcherTest, LeasesInOneFrameWhatThereIsRoomFor) {
  for (int i = 0; i < 5; ++i) core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{4});
  EXPECT_EQ(worker.connection->next<Leased>().tasks.size(), 4u);
}

TEST_F(DispatcherTest, GivesATaskThatHasNotBegunToAnotherInTheSameAttempt) {
  const std::string run_id = core_.submit();
  FakeWorker slow(*dispatcher_);
  slow.enter("w1");
  slow.say(Lease{1});
  const auto task = slow.connection->next<Leased>().tasks.at(0);
  slow.say(Lease{0});
  slow.say(Return{{task.lease_id, "lease_of_nobody"}});
  FakeWorker other(*dispatcher_);
  other.enter("w2");
  other.say(Lease{1});
  const auto again = other.connection->next<Leased>().tasks.at(0);
  EXPECT_EQ(again.run_id, run_id);
  EXPECT_EQ(again.attempt, 1u);
  const auto stored = core_.stored(run_id);
  EXPECT_EQ(stored->tasks[0].attempts.size(), 1u);
  EXPECT_EQ(stored->tasks[0].silent_losses, 0u);
}

TEST_F(DispatcherTest, ACanceledTaskThatHasNotBegunIsCanceledWhenItComesBack) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  core_.as_user(CancelRun{run_id, {}});
  worker.say(Return{{task.lease_id}});
  wait_for_status(run_id, RunStatus::kCanceled);
}

TEST_F(DispatcherTest, KeepsToTheSlotsOfATaskType) {
  for (int i = 0; i < 3; ++i) core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter("w1", "{}", {}, 2);
  worker.say(Lease{10});
  const auto first = worker.connection->next<Leased>();
  ASSERT_EQ(first.tasks.size(), 2u);
  worker.report(first.tasks[0], SucceededReport{"{}"});
  EXPECT_EQ(worker.connection->next<Leased>().tasks.size(), 1u);
}

TEST_F(DispatcherTest, AcknowledgesReportsWhenTheyAreDurable) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  worker.report(task, ResourceReport{"a.png", "image/png", std::string(64, 'b'), 10});
  const auto stored = worker.connection->next<Acknowledged>().results.at(0);
  EXPECT_EQ(stored.seq, 1u);
  EXPECT_EQ(stored.resource_id, core_.stored(run_id)->resources.at(0).resource_id);
  worker.report(task, SucceededReport{R"({"ok":1})"});
  EXPECT_EQ(worker.connection->next<Acknowledged>().results.at(0).seq, 2u);
  EXPECT_EQ(core_.stored(run_id)->status, RunStatus::kSucceeded);
}

TEST_F(DispatcherTest, FailsATaskThatNamesAnArtifactWhichIsNotThere) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  worker.report(task, ResourceReport{"a.png", "image/png", std::string(64, 'c'), 10});
  EXPECT_EQ(worker.connection->next<Fenced>().lease_id, task.lease_id);
  wait_for_status(run_id, RunStatus::kFailed);
  EXPECT_EQ(core_.stored(run_id)->error->code, "bad_report");
  EXPECT_TRUE(core_.stored(run_id)->resources.empty());
}

TEST_F(DispatcherTest, GivesTheTasksOfALostWorkerToAnother) {
  const std::string run_id = core_.submit();
  FakeWorker first(*dispatcher_);
  first.enter("w1");
  first.say(Lease{1});
  first.connection->next<Leased>();
  FakeWorker second(*dispatcher_);
  second.enter("w2");
  second.say(Lease{1});
  first.session->on_closed();
  const auto task = second.connection->next<Leased>().tasks.at(0);
  EXPECT_EQ(task.run_id, run_id);
  EXPECT_EQ(task.attempt, 2u);
}

TEST_F(DispatcherTest, GivesATaskAwayWhoseWorkerReportsForAnotherRun) {
  const std::string run_id = core_.submit();
  FakeWorker confused(*dispatcher_);
  confused.enter("w1");
  confused.say(Lease{1});
  auto task = confused.connection->next<Leased>().tasks.at(0);
  task.run_id = "run_other";
  confused.report(task, ProgressReport{1, ""});
  EXPECT_EQ(confused.connection->next<Refused>().code, "protocol_error");
  confused.session->on_closed();
  FakeWorker other(*dispatcher_);
  other.enter("w2");
  other.say(Lease{1});
  EXPECT_EQ(other.connection->next<Leased>().tasks.at(0).run_id, run_id);
}

TEST_F(DispatcherTest, DoesNotChargeATaskThatItsWorkerNeverSpokeOf) {
  const std::string run_id = core_.submit();
  for (std::uint32_t i = 0; i < kLeaseLossesMax + 1; ++i) {
    FakeWorker frozen(*dispatcher_);
    frozen.enter("w" + std::to_string(i));
    frozen.say(Lease{1});
    frozen.connection->next<Leased>();
    frozen.session->on_closed();
  }
  wait_for_status(run_id, RunStatus::kPending);
  EXPECT_EQ(core_.stored(run_id)->tasks[0].charged_losses, 0u);
}

TEST_F(DispatcherTest, LetsAWorkerGoThatWithdraws) {
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  worker.say(Lease{0});
  worker.connection->next<Drain>();
  const std::string run_id = core_.submit();
  FakeWorker other(*dispatcher_);
  other.enter("w2");
  other.say(Lease{1});
  EXPECT_EQ(other.connection->next<Leased>().tasks.at(0).run_id, run_id);
}

TEST_F(DispatcherTest, RefusesToRegisterASessionTwice) {
  FakeWorker worker(*dispatcher_);
  const Register message{kSessionVersion, "w1", 1, 1, {{"image", "1", "{}", std::string(64, 'a')}}};
  worker.say(message);
  worker.say(message);
  EXPECT_EQ(worker.connection->next<Refused>().code, "protocol_error");
  worker.session->on_closed();
  FakeWorker other(*dispatcher_);
  other.enter("w2");
  EXPECT_EQ(dispatcher_->workers(), 1u);
}

TEST_F(DispatcherTest, FencesAReportUnderALeaseOfAnotherSession) {
  core_.submit();
  FakeWorker owner(*dispatcher_);
  owner.enter("w1");
  owner.say(Lease{1});
  const auto task = owner.connection->next<Leased>().tasks.at(0);
  FakeWorker thief(*dispatcher_);
  thief.enter("w2");
  thief.report(task, SucceededReport{"{}"});
  EXPECT_EQ(thief.connection->next<Fenced>().lease_id, task.lease_id);
  EXPECT_EQ(core_.stored(task.run_id)->status, RunStatus::kRunning);
}

TEST_F(DispatcherTest, AsksTheWorkerToStopACanceledTask) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  core_.as_user(CancelRun{run_id, {}});
  EXPECT_EQ(worker.connection->next<Cancel>().lease_id, task.lease_id);
  worker.report(task, CanceledReport{});
  wait_for_status(run_id, RunStatus::kCanceled);
}

class ImpatientDispatcherTest : public DispatcherTest {
 protected:
  ImpatientDispatcherTest() : DispatcherFixture(1) {}
};

TEST_F(ImpatientDispatcherTest, TakesATaskAwayThatDoesNotStop) {
  const std::string run_id = core_.submit();
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{1});
  const auto task = worker.connection->next<Leased>().tasks.at(0);
  core_.as_user(CancelRun{run_id, {}});
  EXPECT_EQ(worker.connection->next<Fenced>().lease_id, task.lease_id);
  wait_for_status(run_id, RunStatus::kCanceled);
}

TEST_F(DispatcherTest, RefusesWhatIsNotAMessage) {
  FakeWorker worker(*dispatcher_);
  worker.session->on_message("{\"type\":\"dance\"}");
  EXPECT_EQ(worker.connection->next<Refused>().code, "protocol_error");
  worker.connection->wait_until_closed();
}

TEST_F(DispatcherTest, RefusesASchemaThatItCannotEnforce) {
  FakeWorker worker(*dispatcher_);
  worker.say(
      Register{kSessionVersion,
               "w1",
               1,
               1,
               {{"image", "1", R"({"input_schema":{"pattern":"^a"}})", std::string(64, 'a')}}});
  const auto refused = worker.connection->next<Refused>();
  EXPECT_EQ(refused.code, "bad_schema");
  EXPECT_NE(refused.reason.find("'pattern'"), std::string::npos);
}

TEST_F(DispatcherTest, RefusesMoreRoomThanTheLimit) {
  FakeWorker worker(*dispatcher_);
  worker.enter();
  worker.say(Lease{kRoomMax + 1});
  EXPECT_EQ(worker.connection->next<Refused>().code, "protocol_error");
}

TEST_F(DispatcherTest, LetsAWorkerReplaceItsOwnOldConnection) {
  FakeWorker old(*dispatcher_);
  old.enter("w1");
  FakeWorker fresh(*dispatcher_);
  fresh.enter("w1");
  EXPECT_EQ(old.connection->next<Refused>().code, "replaced");
  old.connection->wait_until_closed();
}

TEST(OrphanedLeases, AreAllThatARecoveredStateShowsAsHeld) {
  Harness core;
  core.submit();
  const std::string leased = core.submit();
  const auto grants = core.lease(1);
  core.sequencer->stop();
  std::vector<OrphanedLease> orphans;
  recover(*core.storage, 100, [&](const RunState& run) { add_orphaned_leases(run, orphans); });
  ASSERT_EQ(orphans.size(), 1u);
  EXPECT_EQ(orphans[0].lost.lease_id, grants.at(0).lease_id);
  EXPECT_FALSE(orphans[0].lost.charged);
  EXPECT_FALSE(orphans[0].remote);
}

}  // namespace
}  // namespace runledger::core
