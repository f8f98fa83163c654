#include "core/base/time_text.h"

#include <chrono>
#include <cstdio>

namespace runledger::core {

std::string rfc3339(std::int64_t time_us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds{time_us}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<microseconds> clock{at - day};
  char text[40];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace runledger::core
