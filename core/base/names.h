// Enumerators and their names, looked up both ways; a name that is not known is no enumerator.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace runledger::core {

template <typename Enum>
struct Name {
  Enum value;
  std::string_view text;
};

template <typename Enum, std::size_t N>
constexpr std::string_view name_of(const std::array<Name<Enum>, N>& names, Enum value) {
  for (const auto& each : names) {
    if (each.value == value) return each.text;
  }
  return {};
}

template <typename Enum, std::size_t N>
constexpr bool find_name(const std::array<Name<Enum>, N>& names, std::string_view text,
                         Enum& value) {
  for (const auto& each : names) {
    if (each.text != text) continue;
    value = each.value;
    return true;
  }
  return false;
}

}  // namespace runledger::core
