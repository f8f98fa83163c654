#include "core/workflow/spec_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace runledger::core {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kTextsMax = 50;  // of one list
constexpr std::size_t kTextBytesMax = 200;
constexpr std::array<std::string_view, 6> kRoles{"viewer", "submitter", "reviewer",
                                                 "worker", "operator",  "admin"};

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
  };
  return !text.empty() && text.size() <= kNameBytesMax &&
         std::all_of(text.begin(), text.end(), allowed);
}

template <class Number>
std::optional<Number> number_of(const JsonNode& node) {
  if (!node.is_number()) return std::nullopt;
  Number value{};
  const char* end = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

std::string short_number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string list_of(std::initializer_list<std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) list += std::string(list.empty() ? "" : ", ") += word;
  return list;
}

}  // namespace

std::string expected(std::string_view what, const JsonNode& got) {
  std::string message = "Expected " + std::string(what) + ", but got ";
  if (got.is_number() || (got.is_string() && !got.text.empty())) {
    return message + (got.is_string() ? "'" + shortened(got.text) + "'" : shortened(got.text));
  }
  if (got.is_string()) return message + "an empty string";
  if (got.is_array() && got.values().empty()) return message + "an empty array";
  return message + std::string(got.kind_name());
}

void SpecErrors::add(std::string pointer, std::string message) {
  if (errors_.size() < kSpecErrorsMax) {
    errors_.push_back({std::move(pointer), std::move(message)});
  }
}

void SpecReader::complain(std::string_view member, std::string message) const {
  errors_.add(at(member), std::move(message));
}

void SpecReader::allow_only(std::initializer_list<std::string_view> names) const {
  for (const std::string& name : object_.names()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    complain(name,
             "Expected only the members " + list_of(names) + ", but got '" + shortened(name) + "'");
  }
}

const JsonNode* SpecReader::object(std::string_view name) const {
  const JsonNode* node = find(name);
  if (node == nullptr || node->is_object()) return node;
  complain(name, expected("an object", *node));
  return nullptr;
}

void SpecReader::natural(std::string_view name, NumberRange range, std::uint64_t& value) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  const auto number = number_of<std::uint64_t>(*node);
  if (number && *number >= range.min && *number <= range.max) {
    value = *number;
    return;
  }
  complain(name, expected("an integer from " + std::to_string(range.min) + " to " +
                              std::to_string(range.max),
                          *node));
}

void SpecReader::natural(std::string_view name, NumberRange range, std::uint32_t& value) const {
  std::uint64_t wide = value;
  natural(name, range, wide);
  value = static_cast<std::uint32_t>(wide);  // the range is one of 32 bits
}

void SpecReader::duration_ms(std::string_view name, std::uint64_t& value) const {
  natural(name, {0, kDurationMsMax}, value);
}

void SpecReader::real(std::string_view name, double min, double max, double& value) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  const auto number = number_of<double>(*node);
  if (number && *number >= min && *number <= max) {
    value = *number;
    return;
  }
  complain(name,
           expected("a number from " + short_number(min) + " to " + short_number(max), *node));
}

void SpecReader::roles(std::string_view name, std::vector<std::string>& value) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  if (!node->is_array() || node->values().empty()) {
    return complain(name, expected("an array of at least one role", *node));
  }
  std::vector<std::string> read;
  for (std::size_t i = 0; i < node->values().size(); ++i) {
    const JsonNode& role = node->values()[i];
    const bool known =
        role.is_string() && std::find(kRoles.begin(), kRoles.end(), role.text) != kRoles.end();
    if (!known) {
      errors_.add(pointer_to(at(name), i),
                  expected("one of viewer, submitter, reviewer, worker, operator, admin", role));
    } else if (std::find(read.begin(), read.end(), role.text) != read.end()) {
      errors_.add(pointer_to(at(name), i),
                  "Expected each role once, but '" + role.text + "' is there twice");
    } else {
      read.push_back(role.text);
    }
  }
  value = std::move(read);
}

void SpecReader::name(std::string_view name, std::string& value) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  if (node->is_string() && is_name(node->text)) {
    value = node->text;
    return;
  }
  complain(name, expected("a name of 1 to " + std::to_string(kNameBytesMax) +
                              " letters, digits, '_', '-', '.' and '@'",
                          *node));
}

void SpecReader::texts(std::string_view name, std::vector<std::string>& value) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  if (!node->is_array() || node->values().size() > kTextsMax) {
    return complain(name, "Expected an array of at most " + std::to_string(kTextsMax) + " strings");
  }
  value.clear();
  for (std::size_t i = 0; i < node->values().size(); ++i) {
    const JsonNode& text = node->values()[i];
    if (text.is_string() && !text.text.empty() && text.text.size() <= kTextBytesMax) {
      value.push_back(text.text);
    } else {
      errors_.add(pointer_to(at(name), i),
                  expected("a string of 1 to " + std::to_string(kTextBytesMax) + " bytes", text));
    }
  }
}

void SpecReader::word(std::string_view name, std::initializer_list<std::string_view> words,
                      std::size_t& place) const {
  const JsonNode* node = find(name);
  if (node == nullptr) return;
  const auto found = std::find(words.begin(), words.end(), node->text);
  if (node->is_string() && found != words.end()) {
    place = static_cast<std::size_t>(found - words.begin());
    return;
  }
  complain(name, expected("one of " + list_of(words), *node));
}

}  // namespace runledger::core
