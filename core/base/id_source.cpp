#include "core/base/id_source.h"

#include <algorithm>

namespace runledger::core {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kCharacters = 26;

// 128 bits as 26 characters of 5 bits; the first character holds the upper 3.
std::string base32(const std::array<std::uint8_t, 16>& bytes) {
  std::string text(kCharacters, '0');
  for (std::size_t i = 0; i < kCharacters; ++i) {
    unsigned value = 0;
    for (std::size_t b = 0; b < 5; ++b) {
      const std::size_t bit = i * 5 + b;  // of 130, the first two are zero
      const bool set = bit >= 2 && (bytes[(bit - 2) / 8] >> (7 - (bit - 2) % 8) & 1) != 0;
      value = value << 1 | (set ? 1u : 0u);
    }
    text[i] = kAlphabet[value];
  }
  return text;
}

}  // namespace

void IdSource::advance() {
  const std::int64_t now_ms = clock_.now_us() / 1000;
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    random_.fill(tail_);
    return;
  }
  for (auto digit = tail_.rbegin(); digit != tail_.rend(); ++digit) {
    if (++*digit != 0) return;
  }
  ++last_ms_;  // 2^80 ids in one millisecond
}

std::string IdSource::make(std::string_view prefix) {
  std::scoped_lock lock(mutex_);
  advance();
  return id_of(prefix, last_ms_, tail_);
}

std::string id_of(std::string_view prefix, std::int64_t time_ms,
                  const std::array<std::uint8_t, 10>& tail) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(time_ms >> (40 - 8 * i));
  }
  std::copy(tail.begin(), tail.end(), bytes.begin() + 6);
  return std::string(prefix) + "_" + base32(bytes);
}

bool is_id(std::string_view text, std::string_view prefix) {
  if (text.size() != prefix.size() + 1 + kCharacters) return false;
  if (text.substr(0, prefix.size()) != prefix || text[prefix.size()] != '_') return false;
  return text.substr(prefix.size() + 1).find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace runledger::core
