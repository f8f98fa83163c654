// Walks all JSON texts in a struct with fields() (fields.h), in the order of its fields, with those
// of structs within it. Includes no JSON library.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/fields.h"
#include "core/base/json_text.h"

namespace runledger::core {

template <typename T, typename = void>
struct CarriesText : std::false_type {};
template <>
struct CarriesText<JsonText> : std::true_type {};
template <typename T>
struct CarriesText<std::optional<T>> : CarriesText<T> {};
template <typename T>
struct CarriesText<std::vector<T>> : CarriesText<T> {};
template <typename T>
struct CarriesText<std::map<std::string, T>> : CarriesText<T> {};
template <typename T>
struct CarriesText<T, std::void_t<decltype(T::fields())>>
    : std::bool_constant<std::apply(
          [](auto... each) {
            return (CarriesText<
                        std::remove_cvref_t<decltype(std::declval<T&>().*each.member)>>::value ||
                    ...);
          },
          T::fields())> {};

// Calls visit(name of the field, JsonText&) for each.
template <typename Visit>
void visit_texts(const char* name, JsonText& text, Visit& visit) {
  visit(name, text);
}
template <typename T, typename Visit>
void visit_texts(const char* name, std::optional<T>& value, Visit& visit) {
  if (value) visit_texts(name, *value, visit);
}
template <typename T, typename Visit>
void visit_texts(const char* name, std::vector<T>& values, Visit& visit) {
  for (T& value : values) visit_texts(name, value, visit);
}
template <typename T, typename Visit>
void visit_texts(const char* name, std::map<std::string, T>& values, Visit& visit) {
  for (auto& [key, value] : values) visit_texts(name, value, visit);
}
template <typename T, typename Visit>
requires requires {
  T::fields();
}
void visit_texts(const char*, T& value, Visit& visit) {
  std::apply(
      [&](const auto&... each) {
        [[maybe_unused]] const auto one = [&](const auto& which) {
          auto& member = value.*which.member;
          if constexpr (CarriesText<std::remove_cvref_t<decltype(member)>>::value) {
            visit_texts(which.name, member, visit);
          }
        };
        (one(each), ...);
      },
      T::fields());
}

}  // namespace runledger::core
