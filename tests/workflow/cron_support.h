// Times of day and night for the tests of cron.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/schedule/cron.h"

namespace runledger::core::testing {

// "2026-03-29T01:00:00Z", microseconds since 1970.
std::int64_t utc(const std::string& text);
std::string utc_text(std::int64_t time_us);

Cron cron(std::string_view expression);                 // throws if it is none
std::string cron_problem(std::string_view expression);  // "" if it is one

// The next `count` times after that one, separated by spaces; "never" where there is none.
std::string next(std::string_view expression, const std::string& zone, const std::string& after,
                 int count = 1);

}  // namespace runledger::core::testing
