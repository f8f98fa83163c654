#include "core/worker/parked_tasks.h"

#include <gtest/gtest.h>

#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using Parked = ParkedTasks::Parked;

class ParkedTasksTest : public ::testing::Test {
 protected:
  Parked park(const std::string& lease_id, std::uint64_t every_ms = 3000) {
    return park(testing::leased(lease_id, "it"), every_ms);
  }
  Parked park(const protocol::LeasedTask& task, std::uint64_t every_ms = 3000) {
    const Parked admitted = parked.admit(task, now);
    if (admitted != Parked::kNoRoom) parked.park(task, {"render", every_ms, 60'000, false}, now);
    return admitted;
  }

  ParkedTasks parked;
  ParkedTasks::Clock::time_point now{1h};
};

TEST_F(ParkedTasksTest, AreDueInTheOrderOfTheirTimes) {
  park("late", 5000);
  park("soon", 1000);
  EXPECT_EQ(parked.next_due(), now + 1s);
  EXPECT_FALSE(parked.take_due(now));
  now += 10s;
  EXPECT_EQ(parked.take_due(now)->lease_id, "soon");
  EXPECT_EQ(parked.take_due(now)->lease_id, "late");
  EXPECT_FALSE(parked.take_due(now));
  EXPECT_FALSE(parked.next_due());
}

TEST_F(ParkedTasksTest, KnowHowLongTheyHaveWaitedWithTheTimeOfTheLooks) {
  auto task = testing::leased("l", "it");
  task.pending_poll = protocol::PendingPoll{"render", 7000, false};
  EXPECT_EQ(park(task), Parked::kFirst);
  for (const std::uint64_t waited_ms : {10'000, 14'000, 18'000}) {
    now += 3s;
    const auto due = parked.take_due(now);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->pending_poll->name, "render");
    EXPECT_EQ(due->pending_poll->waited_ms, waited_ms);
    EXPECT_TRUE(due->pending_poll->lease_kept);
    now += 1s;  // of the look itself
    EXPECT_EQ(park(*due), Parked::kAgain);
  }
  EXPECT_EQ(parked.size(), 1u);
}

TEST_F(ParkedTasksTest, AreTakenOutOfTurnUnlessJustLookedAt) {
  park("a");
  park("b");
  EXPECT_EQ(parked.take("b")->lease_id, "b");
  EXPECT_FALSE(parked.take("b"));
  EXPECT_FALSE(parked.take("never heard of"));
  EXPECT_EQ(parked.leases(), std::vector<std::string>{"a"});
  parked.forget("b");
  EXPECT_EQ(parked.size(), 1u);
  parked.forget("a");
  EXPECT_EQ(parked.size(), 0u);
  EXPECT_FALSE(parked.next_due());
}

TEST_F(ParkedTasksTest, HaveALimit) {
  for (std::size_t i = 0; i < kParkedTasksMax; ++i) {
    ASSERT_EQ(park(std::to_string(i)), Parked::kFirst);
  }
  EXPECT_EQ(park("one more"), Parked::kNoRoom);
  now += 3s;
  const auto looked_at = parked.take_due(now);
  EXPECT_EQ(park("one more"), Parked::kNoRoom) << "that one comes back";
  EXPECT_EQ(park(*looked_at), Parked::kAgain);
  parked.forget("7");
  EXPECT_EQ(park("one more"), Parked::kFirst);
}

TEST_F(ParkedTasksTest, HaveALimitOfBytes) {
  auto large = testing::leased("0", "it");
  large.memos.push_back({"step", "s", std::string(kParkedBytesMax / 4, 'x')});
  for (int i = 0; i < 3; ++i) {
    large.lease_id = std::to_string(i);
    ASSERT_EQ(park(large), Parked::kFirst);
  }
  large.lease_id = "one more";
  EXPECT_EQ(park(large), Parked::kNoRoom);
  parked.forget("1");
  EXPECT_EQ(park(large), Parked::kFirst);
}

}  // namespace
}  // namespace runledger::core::worker
