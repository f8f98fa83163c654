#include "eventlog/free_space.h"

#include <gtest/gtest.h>

#include "tests/eventlog/support.h"

namespace runledger::eventlog::test {
namespace {

constexpr std::uint64_t kGiB = 1024ull * 1024 * 1024;

class FreeSpaceTest : public ::testing::Test {
 protected:
  // Asked after an interval.
  bool has_room_with(std::optional<DiskSpace> found) {
    found_ = found;
    now_us_ += kFreeSpaceIntervalUs;
    return space_.has_room();
  }

  std::int64_t now_us_ = 0;
  int measured_ = 0;
  std::optional<DiskSpace> found_;
  FreeSpace space_{[this] {
                     ++measured_;
                     return found_;
                   },
                   [this] {
                     return now_us_;
                   }};
};

TEST_F(FreeSpaceTest, MarkIsTheLargerOfTheTwo) {
  EXPECT_EQ(low_water_bytes(2 * kGiB), kGiB / 2);
  EXPECT_EQ(low_water_bytes(100 * kGiB), 100 * kGiB / 100 * 5);
}

TEST_F(FreeSpaceTest, IsEnoughDownToTheMark) {
  EXPECT_TRUE(has_room_with(DiskSpace{4 * kGiB, kFreeBytesMin}));
  EXPECT_FALSE(has_room_with(DiskSpace{4 * kGiB, kFreeBytesMin - 1}));
}

TEST_F(FreeSpaceTest, IsEnoughAgainOnlyAboveTheMargin) {
  EXPECT_FALSE(has_room_with(DiskSpace{4 * kGiB, 0}));
  EXPECT_FALSE(has_room_with(DiskSpace{4 * kGiB, kFreeBytesMin}));
  EXPECT_TRUE(has_room_with(DiskSpace{4 * kGiB, kFreeBytesMin + kFreeMarginBytes}));
}

TEST_F(FreeSpaceTest, StaysAsItWasWhenItCannotBeMeasured) {
  EXPECT_TRUE(has_room_with(std::nullopt));
  EXPECT_FALSE(has_room_with(DiskSpace{4 * kGiB, 0}));
  EXPECT_FALSE(has_room_with(std::nullopt));
}

TEST_F(FreeSpaceTest, IsMeasuredOnceAnInterval) {
  EXPECT_TRUE(has_room_with(DiskSpace{4 * kGiB, 2 * kGiB}));
  EXPECT_TRUE(space_.has_room());
  found_ = DiskSpace{4 * kGiB, 0};
  EXPECT_TRUE(space_.has_room());
  EXPECT_EQ(measured_, 1);
  now_us_ += kFreeSpaceIntervalUs;
  EXPECT_FALSE(space_.has_room());
  EXPECT_EQ(space_.last().free_bytes, 0u);
  EXPECT_EQ(space_.last().total_bytes, 4 * kGiB);
}

TEST_F(FreeSpaceTest, OfARealDirectoryIsMeasured) {
  const TempDir directory;
  const auto found = disk_space(directory.path());
  ASSERT_TRUE(found);
  EXPECT_GT(found->total_bytes, 0u);
  EXPECT_LE(found->free_bytes, found->total_bytes);
  EXPECT_FALSE(disk_space(directory / "nothing"));
}

TEST(FreeSpaceMark, CanBeGiven) {
  std::int64_t now_us = 0;
  DiskSpace disk{4 * kGiB, 800};
  const auto room_with = [&](FreeSpace& space, std::uint64_t free_bytes) {
    now_us += kFreeSpaceIntervalUs;
    disk.free_bytes = free_bytes;
    return space.has_room();
  };
  const auto measure = [&] {
    return std::optional(disk);
  };
  FreeSpace space(
      measure, [&] { return now_us; }, 800);
  EXPECT_TRUE(room_with(space, 800));
  EXPECT_FALSE(room_with(space, 799));
  EXPECT_FALSE(room_with(space, 899)) << "the margin is an eighth";
  EXPECT_TRUE(room_with(space, 900));
  FreeSpace never(
      measure, [&] { return now_us; }, 0);
  EXPECT_TRUE(room_with(never, 0));
}

}  // namespace
}  // namespace runledger::eventlog::test
