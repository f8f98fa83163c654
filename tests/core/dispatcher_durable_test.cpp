// Durable calls between a worker and the core.
#include "tests/core/dispatcher_fixture.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

class DispatcherDurableTest : public DispatcherFixture {
 protected:
  DispatcherDurableTest() {
    run_id_ = core_.submit();
    worker_.enter();
    worker_.say(Lease{1});
    task_ = worker_.connection->next<Leased>().tasks.at(0);
  }
  void wait_for_task(TaskStatus status) {
    std::unique_lock lock(mutex_);
    const bool came = committed_.wait_for(lock, std::chrono::seconds(10), [&] {
      return core_.stored(run_id_)->tasks[0].status == status;
    });
    ASSERT_TRUE(came) << to_text(core_.stored(run_id_)->tasks[0].status);
  }
  LeasedTask lease_again(const std::string& name) {
    FakeWorker other(*dispatcher_);
    other.enter(name);
    other.say(Lease{1});
    auto task = other.connection->next<Leased>().tasks.at(0);
    others_.push_back(std::move(other));
    return task;
  }

  FakeWorker worker_{*dispatcher_};
  std::string run_id_;
  LeasedTask task_;
  std::vector<FakeWorker> others_;
};

TEST_F(DispatcherDurableTest, AStepIsAcknowledgedWhenItIsRecordedAndGivenToTheNextWorker) {
  EXPECT_TRUE(task_.memos.empty());
  worker_.report(task_, StepReport{false, "submit", R"("job-1")", false});
  EXPECT_EQ(worker_.connection->next<Acknowledged>().results.at(0).seq, 1u);
  worker_.session->on_closed();
  const auto again = lease_again("w2");
  ASSERT_EQ(again.memos.size(), 1u);
  EXPECT_EQ(again.memos[0].kind, "step");
  EXPECT_EQ(again.memos[0].name, "submit");
  EXPECT_EQ(again.memos[0].result, R"("job-1")");
}

TEST_F(DispatcherDurableTest, ASleepEndsTheLeaseAndIsMeasuredByTheServersClock) {
  worker_.report(task_, SleepReport{"cool down", 5'000});
  worker_.connection->next<Acknowledged>();
  const auto task = core_.stored(run_id_)->tasks[0];
  ASSERT_TRUE(task.wait);
  EXPECT_EQ(task.wait->due_us, core_.clock.now_us() + 5'000'000);
}

TEST_F(DispatcherDurableTest, APollKeepsItsLeaseUntilItFindsSomething) {
  worker_.report(task_, PollWaitReport{"render", 1'000, 60'000, true});
  worker_.connection->next<Acknowledged>();
  wait_for_task(TaskStatus::kWaiting);
  worker_.say(Lease{0});
  worker_.report(task_, StepReport{true, "render", "1", true});
  worker_.connection->next<Acknowledged>();
  wait_for_task(TaskStatus::kReady);
  EXPECT_EQ(lease_again("w2").memos.at(0).kind, "poll");
}

TEST_F(DispatcherDurableTest, APollOfALostWorkerIsGivenToAnother) {
  worker_.report(task_, PollWaitReport{"render", 1'000, 60'000, true});
  worker_.connection->next<Acknowledged>();
  core_.clock.advance_us(2'000'000);
  worker_.session->on_closed();
  const auto again = lease_again("w2");
  ASSERT_TRUE(again.pending_poll);
  EXPECT_EQ(again.pending_poll->name, "render");
  EXPECT_EQ(again.pending_poll->waited_ms, 2'000u);
}

TEST_F(DispatcherDurableTest, AReviewEndsTheLease) {
  worker_.report(task_, ReviewReport{"case", "[1]", R"({"ok":true})", R"({"type":"array"})"});
  worker_.connection->next<Acknowledged>();
  const auto task = core_.stored(run_id_)->tasks[0];
  EXPECT_EQ(task.status, TaskStatus::kReviewing);
  EXPECT_EQ(task.question->body.text, "[1]");
  EXPECT_EQ(task.question->schema->text, R"({"type":"array"})");
}

TEST_F(DispatcherDurableTest, AReviewWhoseSchemaCannotBeCheckedFailsTheTask) {
  worker_.report(task_, ReviewReport{"case", "[1]", "null", R"({"pattern":"^a"})"});
  wait_for_status(run_id_, RunStatus::kFailed);
  EXPECT_NE(core_.stored(run_id_)->error->message.find("'pattern'"), std::string::npos);
}

TEST_F(DispatcherDurableTest, WhatIsTooLargeOrHasNoNameFailsTheTask) {
  worker_.report(task_, StepReport{false, "", "1", false});
  wait_for_status(run_id_, RunStatus::kFailed);
  EXPECT_EQ(core_.stored(run_id_)->error->code, "bad_report");
}

}  // namespace
}  // namespace runledger::core
