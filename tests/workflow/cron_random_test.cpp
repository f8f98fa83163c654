// Random expressions, against a look at every minute.
#include <date/tz.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/workflow/cron_support.h"
#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;
using Random = std::mt19937_64;

int pick(Random& random, int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(random);
}

struct Field {
  std::string text;
  std::set<int> values;
  bool star = false;
};

Field random_field(Random& random, int least, int most) {
  Field field;
  if (pick(random, 0, 2) == 0) {
    const int step = pick(random, 1, 3);
    field.star = true;
    field.text = step == 1 ? "*" : "*/" + std::to_string(step);
    for (int value = least; value <= most; value += step) field.values.insert(value);
    return field;
  }
  for (int parts = pick(random, 1, 3); parts > 0; --parts) {
    const int first = pick(random, least, most);
    const int last = pick(random, first, most);
    const int step = pick(random, 1, 4);
    field.text += (field.text.empty() ? "" : ",") + std::to_string(first) + "-" +
                  std::to_string(last) + "/" + std::to_string(step);
    for (int value = first; value <= last; value += step) field.values.insert(value);
  }
  return field;
}

struct Schedule {
  Field minute, hour, day, month, weekday;

  std::string text() const {
    return minute.text + " " + hour.text + " " + day.text + " " + month.text + " " + weekday.text;
  }
  bool has(date::local_time<std::chrono::minutes> at) const {
    const auto midnight = date::floor<date::days>(at);
    const date::year_month_day ymd{midnight};
    const auto of_day = (at - midnight).count();
    const bool on_day = day.values.contains(static_cast<int>(static_cast<unsigned>(ymd.day())));
    const bool on_weekday =
        weekday.values.contains(static_cast<int>(date::weekday{midnight}.c_encoding()));
    const bool fits = day.star || weekday.star ? on_day && on_weekday : on_day || on_weekday;
    return fits && month.values.contains(static_cast<int>(static_cast<unsigned>(ymd.month()))) &&
           hour.values.contains(static_cast<int>(of_day / 60)) &&
           minute.values.contains(static_cast<int>(of_day % 60));
  }
};

Schedule random_schedule(Random& random) {
  return {random_field(random, 0, 59), random_field(random, 0, 23), random_field(random, 1, 31),
          random_field(random, 1, 12), random_field(random, 0, 6)};
}

// By the rules of the header, said the other way round: for a moment, which local times fire at it?
// Its own, unless that has been there before, and all that a gap right before it has skipped.
bool fires_at(const Schedule& schedule, const date::time_zone& zone, date::sys_seconds moment) {
  using std::chrono::minutes;
  const date::sys_info now = zone.get_info(moment);
  const auto local = date::floor<minutes>(zone.to_local(moment));
  const date::local_info info = zone.get_info(local);
  const bool second_pass =
      info.result == date::local_info::ambiguous && now.begin == info.second.begin;
  if (!second_pass && schedule.has(local)) return true;
  if (moment != now.begin) return false;
  const auto before = zone.get_info(moment - std::chrono::seconds{1}).offset;
  for (auto skipped = local - date::floor<minutes>(now.offset - before); skipped < local;
       skipped += minutes{1}) {
    if (schedule.has(skipped)) return true;
  }
  return false;
}

TEST(CronRandom, FindsWhatALookAtEveryMinuteFinds) {
  const std::uint64_t seed = seed_or(20261125);
  Random random(seed);
  // A day before the clocks change, or any day.
  const std::pair<const char*, const char*> places[] = {
      {"Europe/Berlin", "2026-03-28T03:17:00Z"},
      {"Europe/Berlin", "2026-10-24T03:17:00Z"},
      {"America/New_York", "2026-03-07T20:00:00Z"},
      {"America/New_York", "2026-10-31T20:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T02:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T02:00:00Z"},
      {"Asia/Kolkata", "2026-02-27T12:00:00Z"},
      {"UTC", "2028-02-28T00:00:00Z"}};
  constexpr int kMinutesLookedAt = 4 * 24 * 60;
  int fired = 0;
  for (int round = 0; round < 160; ++round) {
    const auto& [zone, start] = places[static_cast<std::size_t>(round) % std::size(places)];
    const Schedule schedule = random_schedule(random);
    const Cron parsed = cron(schedule.text());
    const date::time_zone& at = *date::locate_zone(zone);
    std::int64_t last = utc(start);
    for (int minute = 1; minute <= kMinutesLookedAt; ++minute) {
      const std::int64_t now = utc(start) + minute * 60'000'000LL;
      const date::sys_seconds moment{std::chrono::seconds{now / 1'000'000}};
      if (!fires_at(schedule, at, moment)) continue;
      const auto found = parsed.next_after(last, zone);
      ASSERT_EQ(found, now) << schedule.text() << " in " << zone << " after " << utc_text(last)
                            << "; RUNLEDGER_SEED=" << seed;
      ASSERT_GT(*found, last);
      last = now;
      ++fired;
    }
    const auto rest = parsed.next_after(last, zone);
    ASSERT_TRUE(!rest || *rest > utc(start) + kMinutesLookedAt * 60'000'000LL)
        << schedule.text() << " in " << zone << " after " << utc_text(last) << ": "
        << utc_text(*rest) << "; RUNLEDGER_SEED=" << seed;
  }
  EXPECT_GT(fired, 1000);
}

TEST(CronRandom, NeverCrashesOnOddExpressions) {
  const std::uint64_t seed = seed_or(7);
  Random random(seed);
  const std::string letters = "0123456789*/,- \tAJMONSUNFEB@?#\n\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = random_schedule(random).text();
    for (int edits = pick(random, 1, 4); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(pick(random, 0, static_cast<int>(text.size()) - 1));
      text[at] =
          letters[static_cast<std::size_t>(pick(random, 0, static_cast<int>(letters.size()) - 1))];
    }
    const auto parsed = Cron::parse(text);
    if (const auto* error = std::get_if<CronError>(&parsed)) {
      ASSERT_FALSE(error->reason.empty());
      continue;
    }
    const auto found = std::get<Cron>(parsed).next_after(utc("2026-11-25T00:00:00Z"), "UTC");
    ASSERT_TRUE(!found || *found > utc("2026-11-25T00:00:00Z")) << text;
  }
}

}  // namespace
}  // namespace runledger::core
