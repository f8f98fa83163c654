// New ids: a prefix and 26 characters of Crockford base 32 in lower case, 48 bits of milliseconds
// and 80 random bits, as in the ULID specification (github.com/ulid/spec). Ids of one source sort
// in the order in which they were made, also within a millisecond and when the clock steps back.
// Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace runledger::core {

class IdSource {
 public:
  // Both must outlive the source.
  IdSource(const Clock& clock, RandomSource& random) : clock_(clock), random_(random) {}

  std::string make(std::string_view prefix);  // make("run") -> "run_01jd…"

 private:
  void advance();

  const Clock& clock_;
  RandomSource& random_;
  std::mutex mutex_;
  std::int64_t last_ms_ = -1;
  std::array<std::uint8_t, 10> tail_{};
};

// The same form from its parts: for ids that are derived instead of drawn.
std::string id_of(std::string_view prefix, std::int64_t time_ms,
                  const std::array<std::uint8_t, 10>& tail);

// Whether the text has the form of an id with that prefix.
bool is_id(std::string_view text, std::string_view prefix);

}  // namespace runledger::core
