#include "core/domain/derived_ids.h"

#include <array>

#include "core/base/id_source.h"
#include "core/base/sha256.h"

namespace runledger::core {
namespace {

constexpr std::int64_t kUsPerMs = 1000;

std::uint8_t hex_digit(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

std::array<std::uint8_t, 10> first_bytes(const std::string& hex) {
  std::array<std::uint8_t, 10> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  }
  return bytes;
}

std::array<std::uint8_t, 10> bytes_of(std::string_view command_id, std::string_view salt) {
  return first_bytes(sha256_hex(std::string(command_id).append(1, '/').append(salt)));
}

}  // namespace

std::string DerivedIds::make(std::string_view prefix) {
  return id_of(prefix, time_us_ / kUsPerMs, bytes_of(command_id_, std::to_string(made_++)));
}

double fraction_of(std::string_view command_id, std::string_view salt) {
  constexpr double kTwo32 = 4294967296.0;
  const auto bytes = bytes_of(command_id, salt);
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | bytes[i];
  return number / kTwo32;
}

}  // namespace runledger::core
