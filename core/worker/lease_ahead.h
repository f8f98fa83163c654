// How many tasks a worker should have at once: its slots, and enough beyond them to keep them busy
// for kAheadTime while tasks are short. A slot whose task takes longer than that needs none ahead.
// Not synchronised: its owner's lock guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace runledger::core::worker {

class LeaseAhead {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LeaseAhead(std::uint32_t slots) : busy_since_(slots) {}

  void begun(std::uint32_t slot, Clock::time_point now);
  void ended(std::uint32_t slot, Clock::time_point now);

  std::size_t free_slots() const;
  // In steps of a factor of two, so that it changes seldom.
  std::uint32_t room(Clock::time_point now) const;

 private:
  std::vector<std::optional<Clock::time_point>> busy_since_;  // by slot
  std::optional<double> mean_us_;                             // of tasks, the latest weigh most
};

}  // namespace runledger::core::worker
