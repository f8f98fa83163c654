#include "core/schedule/cron.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>

namespace runledger::core {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kYearsAhead = 8;  // 29 February may be that far away
constexpr int kYearMax = 9999;  // far from where the arithmetic of dates ends

bool has(std::uint64_t bits, unsigned value) {
  return ((bits >> value) & 1) != 0;
}

// The moment of a local time: of one that is skipped the end of the gap, of one that comes twice
// the first. Later local times never give earlier moments.
date::sys_seconds moment_of(const date::time_zone& zone, date::local_seconds local) {
  const date::local_info info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return date::sys_seconds{local.time_since_epoch()} - info.first.offset;
}

// The first set bit from there on; beyond: none.
unsigned next_bit(std::uint64_t bits, unsigned from, unsigned beyond) {
  while (from < beyond && !has(bits, from)) ++from;
  return from;
}

}  // namespace

bool is_time_zone(const std::string& name) {
  if (name == "localtime") return false;  // whatever this machine is set to
  const auto& zones = date::get_tzdb().zones;
  return std::any_of(zones.begin(), zones.end(),
                     [&](const date::time_zone& zone) { return zone.name() == name; });
}

std::optional<std::int64_t> Cron::next_after(std::int64_t time_us, const std::string& zone) const {
  const date::time_zone* at = date::locate_zone(zone);
  const auto after = date::sys_time<microseconds>{microseconds{time_us}};
  const auto local_now = at->to_local(date::floor<seconds>(after));
  const auto today = date::floor<date::days>(local_now);
  const date::year year = date::year_month_day{today}.year();
  if (year > date::year{kYearMax - kYearsAhead} || year < date::year{1}) return std::nullopt;
  const date::local_days last{date::year_month_day{today} + date::years{kYearsAhead}};
  const auto now_of_day = date::floor<minutes>(local_now - today);

  for (date::local_days day = today; day <= last + date::days{1}; day += date::days{1}) {
    const date::year_month_day date{day};
    const bool day_fits = has(days_, static_cast<unsigned>(date.day()));
    const bool weekday_fits = has(weekdays_, date::weekday{day}.c_encoding());
    const bool both = any_day_ || any_weekday_;
    const bool fits = both ? day_fits && weekday_fits : day_fits || weekday_fits;
    if (!fits || !has(months_, static_cast<unsigned>(date.month()))) continue;
    const auto from = day == today ? now_of_day : minutes{0};
    for (unsigned hour = next_bit(hours_, 0, 24); hour < 24;
         hour = next_bit(hours_, hour + 1, 24)) {
      for (unsigned minute = next_bit(minutes_, 0, 60); minute < 60;
           minute = next_bit(minutes_, minute + 1, 60)) {
        const auto of_day = hours{hour} + minutes{minute};
        if (of_day < from) continue;
        const date::sys_seconds moment = moment_of(*at, day + of_day);
        if (moment > after) return microseconds{moment.time_since_epoch()}.count();
      }
    }
  }
  return std::nullopt;
}

}  // namespace runledger::core
