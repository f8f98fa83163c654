#include "core/schedule/cron.h"

#include <gtest/gtest.h>

#include "tests/workflow/cron_support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

// 25 November 2026 is a Wednesday.
constexpr const char* kNow = "2026-11-25T10:30:30Z";

std::string in_utc(std::string_view expression, int count = 1) {
  return next(expression, "UTC", kNow, count);
}

TEST(Cron, FiresStrictlyLater) {
  EXPECT_EQ(next("30 10 * * *", "UTC", "2026-11-25T10:29:59Z"), "2026-11-25T10:30:00Z");
  EXPECT_EQ(next("30 10 * * *", "UTC", "2026-11-25T10:30:00Z"), "2026-11-26T10:30:00Z");
  const auto at = utc("2026-11-25T10:30:00Z");
  EXPECT_EQ(cron("30 10 * * *").next_after(at - 1, "UTC"), at);
  EXPECT_EQ(cron("* * * * *").next_after(at + 1, "UTC"), at + 60'000'000);
}

TEST(Cron, ReadsEachKindOfField) {
  EXPECT_EQ(in_utc("* * * * *", 2), "2026-11-25T10:31:00Z 2026-11-25T10:32:00Z");
  EXPECT_EQ(in_utc("5,40 * * * *", 2), "2026-11-25T10:40:00Z 2026-11-25T11:05:00Z");
  EXPECT_EQ(in_utc("*/20 * * * *", 3),
            "2026-11-25T10:40:00Z 2026-11-25T11:00:00Z 2026-11-25T11:20:00Z");
  EXPECT_EQ(in_utc("10-20/5 9 * * *", 4),
            "2026-11-26T09:10:00Z 2026-11-26T09:15:00Z 2026-11-26T09:20:00Z 2026-11-27T09:10:00Z");
  EXPECT_EQ(in_utc("0 0 1 * *"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 1 2,6-7 *", 4),
            "2027-02-01T00:00:00Z 2027-06-01T00:00:00Z 2027-07-01T00:00:00Z 2028-02-01T00:00:00Z");
  EXPECT_EQ(in_utc("\t0   0 1\t1 * "), "2027-01-01T00:00:00Z");
  EXPECT_EQ(in_utc("59 23 31 12 *"), "2026-12-31T23:59:00Z");
}

TEST(Cron, KnowsNames) {
  EXPECT_EQ(in_utc("0 0 1 jan *"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 1 FEB-Mar *", 2), "2027-02-01T00:00:00Z 2027-03-01T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 * * Mon,FRI", 2), "2026-11-27T00:00:00Z 2026-11-30T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 * * SAT-SUN", 3),
            "2026-11-28T00:00:00Z 2026-11-29T00:00:00Z 2026-12-05T00:00:00Z");
}

TEST(Cron, TakesSevenForSunday) {
  for (const char* sunday : {"0", "7", "SUN", "0,7"}) {
    EXPECT_EQ(in_utc("0 0 * * " + std::string(sunday), 2),
              "2026-11-29T00:00:00Z 2026-12-06T00:00:00Z");
  }
  EXPECT_EQ(in_utc("0 0 * * 5-7", 4),
            "2026-11-27T00:00:00Z 2026-11-28T00:00:00Z 2026-11-29T00:00:00Z 2026-12-04T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 * * 0-7", 2), "2026-11-26T00:00:00Z 2026-11-27T00:00:00Z");
}

TEST(Cron, FiresOnEitherDayIfBothAreGiven) {
  EXPECT_EQ(in_utc("0 0 1,27 * MON", 4),
            "2026-11-27T00:00:00Z 2026-11-30T00:00:00Z 2026-12-01T00:00:00Z 2026-12-07T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 13 * FRI", 3),
            "2026-11-27T00:00:00Z 2026-12-04T00:00:00Z 2026-12-11T00:00:00Z");
}

TEST(Cron, TakesAStepOfAllDaysAsNoRestriction) {
  // Like crontab(5): a field that begins with * has to match too.
  EXPECT_EQ(in_utc("0 0 */10 * MON", 2), "2026-12-21T00:00:00Z 2027-01-11T00:00:00Z");
}

TEST(Cron, KnowsMacros) {
  EXPECT_EQ(in_utc("@hourly"), "2026-11-25T11:00:00Z");
  EXPECT_EQ(in_utc("@daily"), "2026-11-26T00:00:00Z");
  EXPECT_EQ(in_utc("@weekly"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(in_utc("@monthly"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(in_utc(" @yearly "), "2027-01-01T00:00:00Z");
}

TEST(Cron, FindsLeapDays) {
  EXPECT_EQ(in_utc("0 12 29 2 *", 2), "2028-02-29T12:00:00Z 2032-02-29T12:00:00Z");
  EXPECT_EQ(next("0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z"), "2104-02-29T00:00:00Z");
  EXPECT_EQ(next("0 0 29 2 *", "UTC", "1999-03-01T00:00:00Z"), "2000-02-29T00:00:00Z");
  EXPECT_EQ(in_utc("0 0 31 * *", 2), "2026-12-31T00:00:00Z 2027-01-31T00:00:00Z");
}

TEST(Cron, NeverFiresOnDaysThatDoNotExist) {
  EXPECT_EQ(in_utc("0 0 30 2 *"), "never");
  EXPECT_EQ(in_utc("0 0 31 4,6,9,11 *"), "never");
}

TEST(Cron, WorksBefore1970AndEndsWithTheCalendar) {
  EXPECT_EQ(next("0 0 * * *", "UTC", "1969-12-30T23:59:59Z", 2),
            "1969-12-31T00:00:00Z 1970-01-01T00:00:00Z");
  EXPECT_FALSE(cron("* * * * *").next_after(INT64_MAX, "UTC").has_value());
  EXPECT_FALSE(cron("* * * * *").next_after(INT64_MIN, "UTC").has_value());
}

TEST(Cron, NamesTheFieldThatIsWrong) {
  struct {
    const char* expression;
    const char* problem;
  } const cases[] = {
      {"", "five fields"},
      {"* * * *", "but got 4"},
      {"* * * * * *", "but got 6"},
      {"60 * * * *", "minute: expected 0 to 59, but got '60'"},
      {"-1 * * * *", "minute: expected"},
      {"+1 * * * *", "minute: expected"},
      {"1.5 * * * *", "minute: expected"},
      {"* 24 * * *", "hour: expected 0 to 23"},
      {"* * 0 * *", "day of month: expected 1 to 31"},
      {"* * 32 * *", "day of month"},
      {"* * * 0 *", "month: expected 1 to 12"},
      {"* * * 13 *", "month: expected"},
      {"* * * JANUARY *", "month: expected 1 to 12 or a name such as FEB, but got 'JANUARY'"},
      {"* * * MON *", "month"},
      {"* * * * 8", "day of week: expected 0 to 7"},
      {"* * * * JAN", "day of week"},
      {"*/0 * * * *", "minute: expected a step of 1 to 59, but got '0'"},
      {"*/60 * * * *", "a step of 1 to 59"},
      {"*/ * * * *", "a step of 1 to 59"},
      {"*/-5 * * * *", "a step"},
      {"*/5/5 * * * *", "a step"},
      {"5/10 * * * *", "a step after * or a range only"},
      {"*/* * * * *", "a step"},
      {"20-10 * * * *", "a range that goes upward, but got '20-10'"},
      {"* * * * FRI-MON", "a range that goes upward"},
      {"1- * * * *", "minute: expected"},
      {"-5 * * * *", "minute: expected"},
      {"1-2-3 * * * *", "minute: expected"},
      {"*-5 * * * *", "minute: expected"},
      {"** * * * *", "minute: expected"},
      {"1,,2 * * * *", "minute: expected 0 to 59, but got ''"},
      {", * * * *", "minute: expected"},
      {"1, * * * *", "minute: expected"},
      {"99999999999999999999 * * * *", "minute: expected"},
      {"? * * * *", "minute: expected"},
      {"* * L * *", "day of month: expected"},
      {"* * * * 1#2", "day of week: expected"},
      {"@reboot", "expected @hourly, @daily, @weekly, @monthly or @yearly, but got '@reboot'"},
      {"@", "expected @hourly"},
      {"@daily *", "but got 2"},
      {"* * * *\n*", "five fields"},
  };
  for (const auto& one : cases) {
    EXPECT_NE(cron_problem(one.expression).find(one.problem), std::string::npos)
        << one.expression << ": " << cron_problem(one.expression);
  }
  EXPECT_NE(cron_problem(std::string(600, '*')).find("512 bytes"), std::string::npos);
}

}  // namespace
}  // namespace runledger::core
