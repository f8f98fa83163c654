// The five fields of a cron expression, each read into a set of bits. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace runledger::core {

struct CronField {
  std::string_view title;  // "day of month"
  unsigned min = 0;
  unsigned max = 0;
  std::span<const std::string_view> names;  // of min, min + 1, …
  bool is_weekday = false;                  // 7 is 0, and SUN may end a range
};

inline constexpr std::string_view kMonthNames[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
inline constexpr std::string_view kWeekdayNames[] = {"SUN", "MON", "TUE", "WED",
                                                     "THU", "FRI", "SAT"};

inline constexpr CronField kMinute{"minute", 0, 59, {}, false};
inline constexpr CronField kHour{"hour", 0, 23, {}, false};
inline constexpr CronField kDay{"day of month", 1, 31, {}, false};
inline constexpr CronField kMonth{"month", 1, 12, kMonthNames, false};
inline constexpr CronField kWeekday{"day of week", 0, 7, kWeekdayNames, true};

// Bit n: n matches; for weekdays bit 0 is Sunday and bit 7 is not set. Or what was expected.
std::variant<std::uint64_t, std::string> read_cron_field(const CronField& field,
                                                         std::string_view text);

}  // namespace runledger::core
