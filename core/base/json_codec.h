// Structs with fields() as JSON objects, both ways; members that are such structs, vectors, maps,
// optionals and enums with to_text() and from_text() too. Reading is strict: a member that is
// missing or of another type throws JsonShapeError, which names it; members that are not known are
// passed over. Includes nlohmann: for .cpp files.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/fields.h"
#include "core/base/json_reader.h"
#include "core/base/json_text.h"
#include "core/base/json_writer.h"

namespace runledger::core::json_codec {

using Json = nlohmann::ordered_json;

template <typename T>
concept Fielded = requires {
  T::fields();
};
template <typename T>
concept Named = std::is_enum_v<T> && requires(T& value) {
  { to_text(value) } -> std::convertible_to<std::string_view>;
  { from_text(std::string_view{}, value) } -> std::same_as<bool>;
};

// --- writing ---

inline void write(std::string& out, const std::string& value) {
  append_json_quoted(out, value);
}
inline void write(std::string& out, const JsonText& value) {
  out += value.text;
}
inline void write(std::string& out, bool value) {
  out += value ? "true" : "false";
}
inline void write(std::string& out, double value) {
  append_json_real(out, value);
}
template <std::integral T>
void write(std::string& out, T value) {
  out += std::to_string(value);
}
template <Named T>
void write(std::string& out, T value) {
  append_json_quoted(out, to_text(value));
}
template <Fielded T>
void write(std::string& out, const T& value);
template <typename T>
void write(std::string& out, const std::vector<T>& values);
template <typename T>
void write(std::string& out, const std::map<std::string, T>& values);

template <typename T>
void write(std::string& out, const std::vector<T>& values) {
  out += '[';
  bool first = true;
  for (const T& value : values) {
    if (!std::exchange(first, false)) out += ',';
    write(out, value);
  }
  out += ']';
}

template <typename T>
void write(std::string& out, const std::map<std::string, T>& values) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : values) {
    if (!std::exchange(first, false)) out += ',';
    append_json_quoted(out, name);
    out += ':';
    write(out, value);
  }
  out += '}';
}

template <typename T>
struct OptionalValue : std::false_type {};
template <typename T>
struct OptionalValue<std::optional<T>> : std::true_type {};

template <typename Member>
bool is_left_out(const Member& value, bool leave_out_default) {
  if constexpr (OptionalValue<Member>::value) {
    return !value;
  } else {
    return leave_out_default && value == Member{};
  }
}

template <typename Member>
void write_member(std::string& out, const char* name, const Member& value) {
  if (out.back() != '{') out += ',';
  out.append(1, '"').append(name).append("\":");
  if constexpr (OptionalValue<Member>::value) {
    write(out, *value);
  } else {
    write(out, value);
  }
}

// The members alone, without braces; out ends with the brace that opens the object or a member.
template <Fielded T>
void write_members(std::string& out, const T& value) {
  std::apply(
      [&](const auto&... each) {
        [[maybe_unused]] const auto one = [&](const auto& which) {
          const auto& member = value.*which.member;
          if (!is_left_out(member, which.leave_out_default)) write_member(out, which.name, member);
        };
        (one(each), ...);
      },
      T::fields());
}

template <Fielded T>
void write(std::string& out, const T& value) {
  out += '{';
  write_members(out, value);
  out += '}';
}

template <Fielded T>
std::string to_json(const T& value) {
  std::string out;
  write(out, value);
  return out;
}

// --- reading ---

inline void read(const Json& json, std::string& value) {
  if (!json.is_string()) throw JsonShapeError("is not a string");
  value = json.get_ref<const std::string&>();
}
inline void read(const Json& json, JsonText& value) {
  value.text = json.dump();
}
inline void read(const Json& json, bool& value) {
  if (!json.is_boolean()) throw JsonShapeError("is not true or false");
  value = json.get<bool>();
}
inline void read(const Json& json, double& value) {
  if (!json.is_number()) throw JsonShapeError("is not a number");
  value = json.get<double>();
}
template <std::integral T>
void read(const Json& json, T& value) {
  if constexpr (std::is_unsigned_v<T>) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > std::numeric_limits<T>::max()) {
      throw JsonShapeError("is not a natural number in range");
    }
  } else {
    if (!json.is_number_integer()) throw JsonShapeError("is not an integer");
    if (json.is_number_unsigned() &&
        json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      throw JsonShapeError("is not an integer in range");
    }
    const auto wide = json.get<std::int64_t>();
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) {
      throw JsonShapeError("is not an integer in range");
    }
  }
  value = json.get<T>();
}
template <Named T>
void read(const Json& json, T& value) {
  if (!json.is_string() || !from_text(json.get_ref<const std::string&>(), value)) {
    throw JsonShapeError("has a value that is not known");
  }
}
template <Fielded T>
void read(const Json& json, T& value);
template <typename T>
void read(const Json& json, std::vector<T>& values);

template <typename T>
void read(const Json& json, std::optional<T>& value) {
  read(json, value.emplace());
}

template <typename T>
void read(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) throw JsonShapeError("is not an array");
  values.reserve(json.size());
  for (const Json& item : json) read(item, values.emplace_back());
}

template <typename T>
void read(const Json& json, std::map<std::string, T>& values) {
  if (!json.is_object()) throw JsonShapeError("is not an object");
  for (const auto& [name, item] : json.items()) {
    try {
      read(item, values[name]);
    } catch (const JsonShapeError& wrong) {
      throw JsonShapeError("has '" + name + "', which " + wrong.what());
    }
  }
}

template <typename Member>
void read_member(const Json& object, const char* name, Member& member, bool may_be_missing) {
  const auto found = object.find(name);
  if (found == object.end()) {
    if (may_be_missing || OptionalValue<Member>::value) return;
    throw JsonShapeError(std::string("member '") + name + "' is missing");
  }
  try {
    read(*found, member);
  } catch (const JsonShapeError& wrong) {
    throw JsonShapeError(std::string("member '") + name + "' " + wrong.what());
  }
}

template <Fielded T>
void read(const Json& json, T& value) {
  if (!json.is_object()) throw JsonShapeError("is not an object");
  std::apply(
      [&](const auto&... each) {
        (read_member(json, each.name, value.*each.member, each.leave_out_default), ...);
      },
      T::fields());
}

// --- reading text, of which only what the fields name is built ---

template <Fielded T>
void read(const JsonReader& in, T& value);

template <typename Member>
void read_present(const JsonReader& in, const char* name, Member& member) {
  if constexpr (std::is_same_v<Member, std::string>) {
    member = in.text(name);
  } else if constexpr (std::is_same_v<Member, JsonText>) {
    member.text = in.json(name);
  } else if constexpr (std::is_same_v<Member, bool>) {
    member = in.boolean(name);
  } else if constexpr (std::is_same_v<Member, double>) {
    member = in.real(name);
  } else if constexpr (std::is_same_v<Member, std::uint64_t>) {
    member = in.natural(name);
  } else if constexpr (std::is_same_v<Member, std::int64_t>) {
    member = in.integer(name);
  } else if constexpr (std::is_same_v<Member, std::uint32_t>) {
    member = in.natural32(name);
  } else if constexpr (Named<Member>) {
    if (!from_text(in.text(name), member)) {
      throw JsonShapeError(std::string("member '") + name + "' has a value that is not known");
    }
  } else if constexpr (Fielded<Member>) {
    read(in.object(name), member);
  } else {
    try {
      read(in.at(name), member);
    } catch (const JsonShapeError& wrong) {
      throw JsonShapeError(std::string("member '") + name + "' " + wrong.what());
    }
  }
}

template <typename Member>
void read_text_member(const JsonReader& in, const char* name, Member& member, bool may_be_missing) {
  if constexpr (OptionalValue<Member>::value) {
    if (in.has(name)) read_present(in, name, member.emplace());
  } else {
    if (may_be_missing && !in.has(name)) return;
    read_present(in, name, member);
  }
}

template <Fielded T>
void read(const JsonReader& in, T& value) {
  std::apply(
      [&](const auto&... each) {
        (read_text_member(in, each.name, value.*each.member, each.leave_out_default), ...);
      },
      T::fields());
}

// Throws JsonShapeError when it is not JSON, too.
template <Fielded T>
T from_json(std::string_view text) {
  T value;
  read(JsonReader(text), value);
  return value;
}

}  // namespace runledger::core::json_codec
