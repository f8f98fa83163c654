#include "core/worker/lease_ahead.h"

#include <gtest/gtest.h>

#include "core/protocol/messages.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;

class LeaseAheadTest : public ::testing::Test {
 protected:
  void run(std::uint32_t slot, LeaseAhead::Clock::duration time) {
    ahead.begun(slot, now);
    now += time;
    ahead.ended(slot, now);
  }

  LeaseAhead::Clock::time_point now = LeaseAhead::Clock::time_point(1h);
  LeaseAhead ahead{2};
};

TEST_F(LeaseAheadTest, IsNothingWhileNoTaskHasEnded) {
  EXPECT_EQ(ahead.room(now), 2u);
}

TEST_F(LeaseAheadTest, IsAsManyAsFitIntoItsTime) {
  run(0, kAheadTime / 4);
  EXPECT_EQ(ahead.room(now), 2u + 8u) << "four for each of two slots";
}

TEST_F(LeaseAheadTest, IsNothingForLongTasks) {
  run(0, 10 * kAheadTime);
  EXPECT_EQ(ahead.room(now), 2u);
}

TEST_F(LeaseAheadTest, HasAMost) {
  run(0, 1us);
  EXPECT_EQ(ahead.room(now), 2u + protocol::kLeasedAheadMax);
}

TEST_F(LeaseAheadTest, ASlotWithALongTaskNeedsNone) {
  run(0, kAheadTime / 4);
  ahead.begun(0, now);
  now += kAheadTime;
  EXPECT_EQ(ahead.room(now), 2u + 4u);
  ahead.begun(1, now);
  now += kAheadTime;
  EXPECT_EQ(ahead.room(now), 2u);
}

TEST_F(LeaseAheadTest, ALongTaskIsNotForgottenAtOnce) {
  for (int i = 0; i < 20; ++i) run(0, 1ms);
  EXPECT_GT(ahead.room(now), 2u);
  run(0, 10s);
  EXPECT_EQ(ahead.room(now), 2u);
  for (int i = 0; i < 10; ++i) run(0, 1ms);
  EXPECT_EQ(ahead.room(now), 2u);
  for (int i = 0; i < 60; ++i) run(0, 1ms);
  EXPECT_GT(ahead.room(now), 2u);
}

}  // namespace
}  // namespace runledger::core::worker
