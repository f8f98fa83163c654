// Pauses between tries: each twice the one before, up to a longest one. Not thread-safe.
#pragma once

#include <chrono>
#include <random>

namespace runledger::core::worker {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
      : first_(first), longest_(longest), next_(first) {}

  std::chrono::milliseconds next();
  // Up to half of it taken off at random: many workers do not come back at the same moment.
  std::chrono::milliseconds next_with_jitter();
  void reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_, longest_, next_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace runledger::core::worker
