// Workers that come again: what they hold stays theirs for a while, and what they report again is
// recorded once.
#include <algorithm>

#include "tests/core/dispatcher_fixture.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

constexpr const char* kElsewhere = "tok_1";  // the token of a worker that is no child

HeldTask held(const LeasedTask& task, bool ended = false) {
  return {task.run_id, task.task_id, task.lease_id, ended};
}

class ReconnectTest : public DispatcherFixture {
 protected:
  explicit ReconnectTest(std::uint32_t worker_grace_ms = 60'000)
      : DispatcherFixture(10'000, worker_grace_ms) {
    run_id_ = core_.submit();
    first_.enter();
    first_.say(Lease{1});
    task_ = first_.connection->next<Leased>().tasks.at(0);
  }
  // The number of events of that type in the run's stream.
  std::size_t count(const std::string& type) {
    const auto types = core_.types_of(run_id_);
    return static_cast<std::size_t>(std::count(types.begin(), types.end(), type));
  }

  FakeWorker first_{*dispatcher_, kElsewhere};
  std::string run_id_;
  LeasedTask task_;
};

TEST_F(ReconnectTest, AWorkerThatComesAgainGoesOnUnderItsLease) {
  first_.session->on_closed();
  FakeWorker again(*dispatcher_, kElsewhere);
  EXPECT_TRUE(again.enter("w1", "{}", {held(task_)}).fenced.empty());
  again.report(task_, SucceededReport{"{}"});
  again.connection->next<Acknowledged>();
  wait_for_status(run_id_, RunStatus::kSucceeded);
  EXPECT_EQ(core_.stored(run_id_)->tasks[0].attempts.size(), 1u);
}

TEST_F(ReconnectTest, ItIsToldForHowLong) {
  FakeWorker other(*dispatcher_, kElsewhere);
  EXPECT_EQ(other.enter("w2").grace_ms, 60'000u);
  FakeWorker child(*dispatcher_);
  EXPECT_EQ(child.enter("w3").grace_ms, 0u);
}

TEST_F(ReconnectTest, ItMayComeBeforeItsOldConnectionIsSeenToBeGone) {
  FakeWorker again(*dispatcher_, kElsewhere);
  EXPECT_TRUE(again.enter("w1", "{}", {held(task_)}).fenced.empty());
  EXPECT_EQ(first_.connection->next<Refused>().code, "replaced");
  first_.session->on_closed();
  again.report(task_, SucceededReport{"{}"});
  wait_for_status(run_id_, RunStatus::kSucceeded);
}

TEST_F(ReconnectTest, NobodyElseGetsTheTaskMeanwhile) {
  first_.session->on_closed();
  FakeWorker thief(*dispatcher_, kElsewhere);
  EXPECT_EQ(thief.enter("w2", "{}", {held(task_)}).fenced,
            std::vector<std::string>{task_.lease_id});
  thief.report(task_, SucceededReport{"{}"});
  thief.connection->next<Fenced>();
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kRunning);
}

TEST_F(ReconnectTest, WhatItHasNoMoreIsLostAtOnce) {
  first_.session->on_closed();
  FakeWorker anew(*dispatcher_, kElsewhere);
  anew.enter("w1");
  anew.say(Lease{1});
  EXPECT_EQ(anew.connection->next<Leased>().tasks.at(0).attempt, 2u);
}

TEST_F(ReconnectTest, ACancelMeanwhileEndsTheTaskAndFencesTheWorker) {
  first_.session->on_closed();
  core_.as_user(CancelRun{run_id_, {}});
  wait_for_status(run_id_, RunStatus::kCanceled);
  FakeWorker again(*dispatcher_, kElsewhere);
  EXPECT_EQ(again.enter("w1", "{}", {held(task_)}).fenced,
            std::vector<std::string>{task_.lease_id});
}

// The acknowledgements are lost with the connection: everything comes again.
TEST_F(ReconnectTest, ReportsThatAreInTheLogAreAcknowledgedAndNotRecordedAgain) {
  const auto report_all = [&](FakeWorker& worker) {
    worker.report(task_, EmitReport{"a.b", "1"});
    worker.report(task_, StepReport{false, "submit", "7", false});
    worker.report(task_, ResourceReport{"a.png", "image/png", std::string(64, 'b'), 10});
  };
  report_all(first_);
  while (first_.connection->next<Acknowledged>().results.back().seq < 3) {
  }
  first_.session->on_closed();
  FakeWorker again(*dispatcher_, kElsewhere);
  again.enter("w1", "{}", {held(task_)});
  report_all(again);
  Acknowledgement last;
  while (last.seq < 3) last = again.connection->next<Acknowledged>().results.back();
  EXPECT_EQ(last.resource_id, core_.stored(run_id_)->resources.at(0).resource_id);
  again.report(task_, SucceededReport{"{}"});
  // Rows are only read when nothing is being written: a step has one of its own.
  again.connection->next<Acknowledged>();
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kSucceeded);
  EXPECT_EQ(count("task.emitted"), 1u);
  EXPECT_EQ(count("task.step_completed"), 1u);
  EXPECT_EQ(count("resource.created"), 1u);
}

TEST_F(ReconnectTest, AnOutcomeThatIsInTheLogIsAcknowledgedAndNotFenced) {
  first_.report(task_, SucceededReport{"{}"});
  wait_for_status(run_id_, RunStatus::kSucceeded);
  first_.session->on_closed();
  FakeWorker again(*dispatcher_, kElsewhere);
  EXPECT_TRUE(again.enter("w1", "{}", {held(task_, true)}).fenced.empty());
  again.report(task_, SucceededReport{"{}"});
  const auto answers = again.connection->all_until<Acknowledged>();
  for (const auto& answer : answers) EXPECT_FALSE(std::holds_alternative<Fenced>(answer));
  EXPECT_EQ(count("task.succeeded"), 1u);
}

class ShortGraceTest : public ReconnectTest {
 protected:
  ShortGraceTest() : ReconnectTest(1) {}
};

TEST_F(ShortGraceTest, AfterItsGraceTheTaskIsAnothersAndTheLateWorkerIsFenced) {
  FakeWorker other(*dispatcher_, kElsewhere);
  other.enter("w2");
  other.say(Lease{1});
  first_.session->on_closed();
  EXPECT_EQ(other.connection->next<Leased>().tasks.at(0).attempt, 2u);
  FakeWorker late(*dispatcher_, kElsewhere);
  EXPECT_EQ(late.enter("w1", "{}", {held(task_)}).fenced, std::vector<std::string>{task_.lease_id});
}

}  // namespace
}  // namespace runledger::core
