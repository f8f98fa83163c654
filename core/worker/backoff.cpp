#include "core/worker/backoff.h"

#include <algorithm>
#include <utility>

namespace runledger::core::worker {

std::chrono::milliseconds Backoff::next() {
  return std::exchange(next_, std::min(next_ * 2, longest_));
}

std::chrono::milliseconds Backoff::next_with_jitter() {
  const auto whole = next();
  std::uniform_int_distribution<std::chrono::milliseconds::rep> part(0, whole.count() / 2);
  return whole - std::chrono::milliseconds(part(random_));
}

}  // namespace runledger::core::worker
