// What a schedule does when its time has come. Uses the system's zone files; only ever called live,
// replay sees its facts.
#pragma once

#include <vector>

#include "core/domain/decide.h"
#include "core/domain/derived_ids.h"

namespace runledger::core {

inline constexpr std::int64_t kScheduleLateUs = 60'000'000;  // later than that it was missed
// Times that catch_up: all makes up for, one after the other; the rest is skipped at once.
inline constexpr std::uint32_t kCatchUpMax = 100;
inline constexpr std::string_view kCatchUpLimit = "catch_up_limit";  // as schedule.fired says it

// The schedule is due at now_us. Moves it on by one time, or past all that were missed.
std::vector<NewFact> fire_schedule(const State& state, const ScheduleState& schedule,
                                   std::int64_t now_us, DerivedIds& ids);

}  // namespace runledger::core
