#include "core/base/time_text.h"

#include <date/date.h>

#include <chrono>
#include <cstdio>
#include <sstream>

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

std::optional<std::int64_t> time_from_rfc3339(std::string_view text) {
  constexpr std::size_t kBytesMax = 40;
  if (text.size() > kBytesMax || text.size() < 20 || text[10] != 'T') return std::nullopt;
  std::string zoned(text);
  if (zoned.back() == 'Z') zoned.replace(zoned.size() - 1, 1, "+00:00");
  std::istringstream in(zoned);
  date::sys_time<std::chrono::microseconds> at;
  in >> date::parse("%FT%T%Ez", at);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
  return at.time_since_epoch().count();
}

}  // namespace runledger::core
