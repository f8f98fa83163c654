#include "tests/workflow/cron_support.h"

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace runledger::core::testing {

std::int64_t utc(const std::string& text) {
  using namespace std::chrono;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const int read =
      std::sscanf(text.c_str(), "%d-%u-%uT%d:%d:%dZ", &year, &month, &day, &hour, &minute, &second);
  if (read != 6) throw std::runtime_error("no time: " + text);
  const sys_days date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  const auto time = date + hours{hour} + minutes{minute} + seconds{second};
  return duration_cast<microseconds>(time.time_since_epoch()).count();
}

std::string utc_text(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds{time_us}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<seconds> clock{floor<seconds>(at - day)};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Cron cron(std::string_view expression) {
  auto parsed = Cron::parse(expression);
  if (const auto* error = std::get_if<CronError>(&parsed)) throw std::runtime_error(error->reason);
  return std::get<Cron>(parsed);
}

std::string cron_problem(std::string_view expression) {
  const auto parsed = Cron::parse(expression);
  const auto* error = std::get_if<CronError>(&parsed);
  return error == nullptr ? "" : error->reason;
}

std::string next(std::string_view expression, const std::string& zone, const std::string& after,
                 int count) {
  const Cron schedule = cron(expression);
  std::string times;
  std::optional<std::int64_t> at = utc(after);
  for (int i = 0; i < count && at; ++i) {
    at = schedule.next_after(*at, zone);
    times += std::string(i == 0 ? "" : " ") + (at ? utc_text(*at) : "never");
  }
  return times;
}

}  // namespace runledger::core::testing
