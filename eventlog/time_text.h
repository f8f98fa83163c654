// Times as text: RFC 3339, UTC, always with microseconds: "2026-01-31T12:00:00.000000Z". Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::eventlog {

// Microseconds since 1970 of the first and the last moment that RFC 3339 and its readers can write.
inline constexpr std::int64_t kTextTimeUsMin = -62'135'596'800'000'000;  // year 1
inline constexpr std::int64_t kTextTimeUsMax = 253'402'300'799'999'999;  // year 9999

// The time is between the two.
std::string utc_text(std::int64_t time_us);
// Takes no other form than that of utc_text().
std::optional<std::int64_t> parse_utc_text(std::string_view text);

}  // namespace runledger::eventlog
