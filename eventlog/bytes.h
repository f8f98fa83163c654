// Fixed-width integers in byte strings. Keys are big-endian, so that their byte order is their
// numeric order; values are little-endian. Pure functions, any thread.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace runledger::eventlog {

template <std::unsigned_integral T>
void put_le(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

template <std::unsigned_integral T>
void put_be(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<char>(value >> (8 * i)));
}

// The caller has checked that sizeof(T) bytes are there.
template <std::unsigned_integral T>
T get_le(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i));
  }
  return value;
}

template <std::unsigned_integral T>
T get_be(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const auto byte = static_cast<T>(static_cast<unsigned char>(bytes[at + i]));
    value |= static_cast<T>(byte << (8 * (sizeof(T) - 1 - i)));
  }
  return value;
}

}  // namespace runledger::eventlog
