#include "core/worker/lease_ahead.h"

#include <algorithm>
#include <bit>

#include "core/protocol/messages.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using Microseconds = std::chrono::duration<double, std::micro>;

constexpr double kLatestWeight = 1.0 / 8;

}  // namespace

void LeaseAhead::begun(std::uint32_t slot, Clock::time_point now) {
  busy_since_.at(slot) = now;
}

void LeaseAhead::ended(std::uint32_t slot, Clock::time_point now) {
  const double took_us = Microseconds(now - busy_since_.at(slot).value()).count();
  busy_since_[slot].reset();
  mean_us_ = mean_us_ ? *mean_us_ + (took_us - *mean_us_) * kLatestWeight : took_us;
}

std::size_t LeaseAhead::free_slots() const {
  return static_cast<std::size_t>(std::count(busy_since_.begin(), busy_since_.end(), std::nullopt));
}

std::uint32_t LeaseAhead::room(Clock::time_point now) const {
  const auto slots = static_cast<std::uint32_t>(busy_since_.size());
  if (!mean_us_) return slots;
  const double each = Microseconds(kAheadTime).count() / std::max(*mean_us_, 1.0);
  const auto quick = std::count_if(busy_since_.begin(), busy_since_.end(), [&](const auto& since) {
    return !since || now - *since < kAheadTime;
  });
  const double wanted = each * static_cast<double>(quick);
  const auto ahead =
      static_cast<std::uint32_t>(std::min(wanted, static_cast<double>(protocol::kLeasedAheadMax)));
  return slots + std::bit_floor(ahead);
}

}  // namespace runledger::core::worker
