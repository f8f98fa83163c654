// SHA-256 with a context that is used again and again: setting one up costs as much as hashing an
// event. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::eventlog {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;

  void begin();
  void update(std::string_view bytes);
  Digest finish();  // begin() starts the next

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

inline std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
std::optional<Digest> digest_from(std::string_view bytes);

// Lower-case; from_hex() takes nothing else.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

}  // namespace runledger::eventlog
