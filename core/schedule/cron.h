// Cron expressions: five fields (minute hour day-of-month month day-of-week) with * , - / and names
// (JAN, MON), 7 as Sunday, and @hourly @daily @weekly @monthly @yearly. If both days are given,
// either one matches, as in crontab(5). Times are of a zone from the IANA database: a time that is
// skipped in spring fires at the first moment after the gap; one that comes twice in autumn fires
// once, at the first. Pure but for the system's zone files. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace runledger::core {

struct CronError {
  std::string reason;  // names the field and what was expected
};

class Cron {
 public:
  static std::variant<Cron, CronError> parse(std::string_view expression);

  // The first time after that one, microseconds since 1970 UTC; nullopt if there is none within
  // eight years (30 February). The zone is known: see is_time_zone().
  std::optional<std::int64_t> next_after(std::int64_t time_us, const std::string& zone) const;

 private:
  std::uint64_t minutes_ = 0;  // bit sets
  std::uint32_t hours_ = 0;
  std::uint32_t days_ = 0;
  std::uint16_t months_ = 0;
  std::uint8_t weekdays_ = 0;  // bit 0: Sunday
  bool any_day_ = true;        // day-of-month was *
  bool any_weekday_ = true;
};

bool is_time_zone(const std::string& name);  // "Europe/Berlin", "UTC"

}  // namespace runledger::core
