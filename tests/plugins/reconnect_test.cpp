// What becomes of tasks and reports when the connection breaks and the server keeps the leases.
#include <gtest/gtest.h>

#include "tests/plugins/session_fixture.h"

namespace runledger::core::worker {
namespace {

using namespace protocol;

constexpr std::uint32_t kLongGraceMs = 3'600'000;

class ReconnectTest : public SessionFixture {
 protected:
  // A task under lease_1 that waits at the gate, and whose connection has gone.
  void lose_connection(const testing::Behaviour& behaviour, std::uint32_t grace_ms = kLongGraceMs) {
    testing::set_behaviour("it", behaviour);
    auto end = run();
    {
      auto peer = registered(grace_ms);
      lease(peer, "lease_1");
      gate.wait_until_reached();
    }
    EXPECT_EQ(end.get(), SessionEnd::kLost);
  }

  Gate gate;
};

TEST_F(ReconnectTest, ATaskGoesOnAndIsReportedOverTheNextConnection) {
  lose_connection(gate.wait_then(succeed));
  EXPECT_TRUE(session.keeps_until());
  auto end = run();
  std::vector<HeldTask> held;
  auto peer = registered(kLongGraceMs, &held);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].lease_id, "lease_1");
  EXPECT_EQ(held[0].task_id, "task_lease_1");
  EXPECT_FALSE(held[0].ended);
  gate.open();
  const auto report = peer.expect<Reports>().reports.at(0);
  EXPECT_EQ(report.lease_id, "lease_1");
  EXPECT_TRUE(std::holds_alternative<SucceededReport>(report.body));
  acknowledge(peer, {{report}});
}

TEST_F(ReconnectTest, AResultOfTheTimeBetweenIsReportedAfterwards) {
  lose_connection(gate.wait_then(succeed));
  gate.open();
  wait_until_idle();
  auto end = run();
  std::vector<HeldTask> held;
  auto peer = registered(kLongGraceMs, &held);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_TRUE(held[0].ended);
  const auto reports = peer.skip_to<Reports>();
  EXPECT_TRUE(std::holds_alternative<SucceededReport>(reports.reports.at(0).body));
  acknowledge(peer, reports);
  peer.send(Drain{});
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
  EXPECT_FALSE(session.keeps_until());
}

TEST_F(ReconnectTest, WhatWasNotAcknowledgedIsSentAgainUnderItsNumber) {
  testing::set_behaviour("it", [this](TaskContext& task) -> json {
    task.emit("one", 1);
    return gate.wait_then(succeed)(task);
  });
  auto first = run();
  {
    auto peer = registered(kLongGraceMs);
    lease(peer, "lease_1");
    EXPECT_EQ(peer.expect<Reports>().reports.at(0).number, 1u);
    gate.wait_until_reached();
  }
  EXPECT_EQ(first.get(), SessionEnd::kLost);
  auto second = run();
  auto peer = registered(kLongGraceMs);
  const auto again = peer.expect<Reports>().reports.at(0);
  EXPECT_EQ(again.number, 1u);
  EXPECT_EQ(std::get<EmitReport>(again.body).event_type, "one");
  gate.open();
  EXPECT_EQ(peer.expect<Reports>().reports.at(0).number, 2u);
}

TEST_F(ReconnectTest, AStepWaitsForTheNextConnection) {
  std::atomic<bool> asked = false;
  testing::set_behaviour("it", [&](TaskContext& task) -> json {
    return task.step("submit", [&] {
      asked = true;
      return 7;
    });
  });
  auto first = run();
  {
    auto peer = registered(kLongGraceMs);
    lease(peer, "lease_1");
    peer.expect<Reports>();
  }
  EXPECT_EQ(first.get(), SessionEnd::kLost);
  EXPECT_TRUE(asked);
  EXPECT_EQ(runner.running(), 1u);
  auto second = run();
  auto peer = registered(kLongGraceMs);
  const auto step = peer.expect<Reports>();
  EXPECT_EQ(std::get<StepReport>(step.reports.at(0).body).name, "submit");
  acknowledge(peer, step);
  EXPECT_EQ(peer.skip_to<Reports>().reports.at(0).number, 2u);
}

TEST_F(ReconnectTest, ATaskWhoseLeaseHoldsNoMoreIsToldToStop) {
  lose_connection(
      [this](TaskContext& task) -> json { return gate.wait_then(until_stopped)(task); });
  gate.open();
  auto end = run();
  auto peer = door.accept();
  EXPECT_EQ(peer.expect<Register>().held.size(), 1u);
  peer.send(Registered{"wrk_2", kLongGraceMs, {"lease_1"}});
  wait_until_idle();
  peer.cut();
  end.get();
  EXPECT_FALSE(session.keeps_until()) << "what was fenced is not kept";
}

TEST_F(ReconnectTest, WhatNoServerWillHearOfIsToldToStop) {
  lose_connection([this](TaskContext& task) -> json { return gate.wait_then(until_stopped)(task); },
                  1);
  gate.open();
  session.abandon(runner);
  wait_until_idle();
  EXPECT_FALSE(session.keeps_until());
}

// The server answers the knock, but not in time.
TEST_F(ReconnectTest, TheGraceEndsWhileItIsComingAgain) {
  lose_connection([this](TaskContext& task) -> json { return gate.wait_then(until_stopped)(task); },
                  200);
  gate.open();
  auto end = run();
  auto peer = door.accept();
  wait_until_idle();
  peer.cut();
  end.get();
}

TEST_F(ReconnectTest, ADrainWaitsForTheServerToHearOfWhatWasDone) {
  lose_connection(gate.wait_then(succeed));
  session.drain();
  gate.open();
  wait_until_idle();
  auto end = run();
  auto peer = door.accept();
  peer.expect<Register>();
  peer.send(Registered{"wrk_2", kLongGraceMs, {}});
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  const auto reports = peer.expect<Reports>();
  peer.send(Drain{});
  acknowledge(peer, reports);
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

}  // namespace
}  // namespace runledger::core::worker
