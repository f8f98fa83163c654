// Time and randomness come from outside every class that needs them.
#pragma once

#include <cstdint>
#include <span>

namespace runledger::core {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_us() const = 0;  // microseconds since 1970, UTC
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_us() const override;
};

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

// The kernel's generator: fit for secrets. Any thread.
class SystemRandom final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace runledger::core
