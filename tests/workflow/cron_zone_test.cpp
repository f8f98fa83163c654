#include <gtest/gtest.h>

#include "core/schedule/cron.h"
#include "tests/workflow/cron_support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

TEST(CronZone, KnowsTheZonesOfTheSystem) {
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata",
                           "Australia/Lord_Howe", "Pacific/Apia", "America/Argentina/Ushuaia"}) {
    EXPECT_TRUE(is_time_zone(zone)) << zone;
  }
  for (const char* zone :
       {"", "Berlin", "europe/berlin", "Europe", "Europe/", "../../etc/passwd",
        "/usr/share/zoneinfo/UTC", "localtime", "right/UTC", "zone.tab", "+02:00"}) {
    EXPECT_FALSE(is_time_zone(zone)) << zone;
  }
}

TEST(CronZone, FollowsTheOffsetOfTheZone) {
  EXPECT_EQ(next("0 9 * * *", "Europe/Berlin", "2026-01-10T00:00:00Z"), "2026-01-10T08:00:00Z");
  EXPECT_EQ(next("0 9 * * *", "Europe/Berlin", "2026-07-10T00:00:00Z"), "2026-07-10T07:00:00Z");
  EXPECT_EQ(next("0 9 * * *", "America/New_York", "2026-07-10T00:00:00Z"), "2026-07-10T13:00:00Z");
  EXPECT_EQ(next("0 9 * * *", "Asia/Kolkata", "2026-07-10T00:00:00Z"), "2026-07-10T03:30:00Z");
  EXPECT_EQ(next("0 9 * * *", "Australia/Lord_Howe", "2026-07-10T00:00:00Z"),
            "2026-07-10T22:30:00Z");
  EXPECT_EQ(next("0 9 * * *", "Australia/Lord_Howe", "2026-01-10T00:00:00Z"),
            "2026-01-10T22:00:00Z");
  // The rules of the years to come are there, too.
  EXPECT_EQ(next("0 9 * * *", "Europe/Berlin", "2034-07-10T00:00:00Z"), "2034-07-10T07:00:00Z");
}

TEST(CronZone, TakesTheDayOfTheWeekFromTheZone) {
  // Monday begins on Sunday evening, UTC.
  EXPECT_EQ(next("0 0 * * MON", "Asia/Kolkata", "2026-11-25T00:00:00Z"), "2026-11-29T18:30:00Z");
  EXPECT_EQ(next("0 23 31 12 *", "America/New_York", "2026-11-25T00:00:00Z"),
            "2027-01-01T04:00:00Z");
}

TEST(CronZone, FiresAfterTheGapWhenTheTimeIsSkipped) {
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
            "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z 2026-03-30T00:30:00Z");
  EXPECT_EQ(next("30 2 * * *", "America/New_York", "2026-03-07T06:00:00Z", 3),
            "2026-03-07T07:30:00Z 2026-03-08T07:00:00Z 2026-03-09T06:30:00Z");
  // Half an hour from 2:00 to 2:30.
  EXPECT_EQ(next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
            "2026-10-03T15:30:00Z 2026-10-04T15:15:00Z");
  EXPECT_EQ(next("45 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z"),
            "2026-10-03T15:45:00Z");
  EXPECT_EQ(next("30 2 * * *", "Asia/Kolkata", "2026-03-28T22:00:00Z"), "2026-03-29T21:00:00Z");
}

TEST(CronZone, FiresOnceForAllTimesOfAGap) {
  EXPECT_EQ(next("*/15 * * * *", "Europe/Berlin", "2026-03-29T00:40:00Z", 4),
            "2026-03-29T00:45:00Z 2026-03-29T01:00:00Z 2026-03-29T01:15:00Z 2026-03-29T01:30:00Z");
  EXPECT_EQ(next("10,20 2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
            "2026-03-29T01:00:00Z 2026-03-30T00:10:00Z");
}

TEST(CronZone, FiresOnceAtTheFirstOfATimeThatComesTwice) {
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
            "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z");
  EXPECT_EQ(next("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", 2),
            "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z");
  // 1:30 to 2:00 comes twice.
  EXPECT_EQ(next("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", 2),
            "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z");
}

TEST(CronZone, DoesNotFireAgainFromWithinTheSecondPass) {
  // 2:20 in Berlin, the second one.
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-10-25T01:20:00Z"), "2026-10-26T01:30:00Z");
  EXPECT_EQ(next("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:10:00Z", 3),
            "2026-10-25T00:30:00Z 2026-10-25T02:00:00Z 2026-10-25T02:30:00Z");
}

TEST(CronZone, LeavesADayOutThatTheZoneLeftOut) {
  // Apia went from 29 to 31 December 2011.
  EXPECT_EQ(next("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3),
            "2011-12-29T22:00:00Z 2011-12-30T10:00:00Z 2011-12-30T22:00:00Z");
}

TEST(CronZone, ThrowsWhenTheZoneIsUnknown) {
  EXPECT_THROW(cron("* * * * *").next_after(0, "Nowhere/Else"), std::runtime_error);
}

}  // namespace
}  // namespace runledger::core
