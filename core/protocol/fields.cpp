#include "core/protocol/fields.h"

#include <algorithm>
#include <utility>

namespace runledger::core::protocol {

using nlohmann::json;

Fields::Fields(const json& object, std::string path) : object_(&object), path_(std::move(path)) {
  if (object.is_object()) return;
  const std::string what = path_.empty() ? "the frame" : path_.substr(0, path_.size() - 1);
  throw BadField("Expected " + what + " to be an object, but it is of type " + object.type_name());
}

void Fields::refuse(const char* member, const std::string& expected) const {
  const auto found = object_->find(member);
  const std::string but = found == object_->end() ? "it is missing"
                          : found->is_primitive() && !found->is_string()
                              ? "it is " + found->dump()
                              : std::string("it is another ") + found->type_name();
  throw BadField("Expected " + path_ + member + " to be " + expected + ", but " + but);
}

const json& Fields::member(const char* name) const {
  const auto found = object_->find(name);
  if (found == object_->end()) refuse(name, "there");
  return *found;
}

std::string Fields::text(const char* name) const {
  const json& value = member(name);
  if (!value.is_string()) refuse(name, "a string");
  return value.get<std::string>();
}

std::string Fields::optional_text(const char* name) const {
  return object_->contains(name) ? text(name) : std::string();
}

std::uint64_t Fields::number(const char* name, std::uint64_t min, std::uint64_t max) const {
  const json& value = member(name);
  // A negative or fractional number is not is_number_unsigned; one above 2^64 has become a double.
  const bool good = value.is_number_unsigned() && value.get<std::uint64_t>() >= min &&
                    value.get<std::uint64_t>() <= max;
  if (!good) {
    refuse(name, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value.get<std::uint64_t>();
}

std::uint64_t Fields::optional_number(const char* name, std::uint64_t max) const {
  return object_->contains(name) ? number(name, 0, max) : 0;
}

double Fields::percent(const char* name) const {
  const json& value = member(name);
  const bool good = value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 100;
  if (!good) refuse(name, "a number from 0 to 100");
  return value.get<double>();
}

bool Fields::flag(const char* name) const {
  const json& value = member(name);
  if (!value.is_boolean()) refuse(name, "true or false");
  return value.get<bool>();
}

bool Fields::optional_flag(const char* name) const {
  return object_->contains(name) && flag(name);
}

std::string Fields::sha256(const char* name) const {
  std::string digest = text(name);
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  };
  const bool good = digest.size() == 64 && std::all_of(digest.begin(), digest.end(), is_hex);
  if (!good) refuse(name, "64 lower-case hex digits");
  return digest;
}

std::string Fields::json_object(const char* name) const {
  const json& value = member(name);
  if (!value.is_object()) refuse(name, "an object");
  return value.dump();
}

std::string Fields::optional_json_object(const char* name) const {
  return object_->contains(name) ? json_object(name) : std::string();
}

std::string Fields::json_value(const char* name) const {
  return member(name).dump();
}

std::optional<Fields> Fields::optional_object(const char* name) const {
  if (!object_->contains(name)) return std::nullopt;
  return Fields(member(name), path_ + name + ".");
}

const json& Fields::list(const char* name, std::size_t count_max) const {
  const json& items = member(name);
  if (!items.is_array()) refuse(name, "an array");
  if (items.size() > count_max) {
    throw BadField("Expected " + path_ + name + " to hold at most " + std::to_string(count_max) +
                   " items, but it holds " + std::to_string(items.size()));
  }
  return items;
}

std::vector<Fields> Fields::objects(const char* name, std::size_t count_max) const {
  const json& items = list(name, count_max);
  std::vector<Fields> fields;
  fields.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    fields.emplace_back(items[i], path_ + name + "[" + std::to_string(i) + "].");
  }
  return fields;
}

std::vector<Fields> Fields::optional_objects(const char* name, std::size_t count_max) const {
  return object_->contains(name) ? objects(name, count_max) : std::vector<Fields>{};
}

std::vector<std::string> Fields::texts(const char* name, std::size_t count_max) const {
  std::vector<std::string> all;
  for (const json& item : list(name, count_max)) {
    if (!item.is_string()) refuse(name, "an array of strings");
    all.push_back(item.get<std::string>());
  }
  return all;
}

}  // namespace runledger::core::protocol
