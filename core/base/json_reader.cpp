#include "core/base/json_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace runledger::core {
namespace {

constexpr std::size_t kMembersExpected = 8;

using Json = JsonReader::Json;

[[noreturn]] void wrong(const char* name, const char* expected) {
  throw JsonShapeError(std::string("member '") + name + "' is not " + expected);
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The whole text as a number; nullopt if it is another one, or does not fit.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

bool begins_number(std::string_view text) {
  return text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : text_(text) {
  read();
}

JsonReader::JsonReader(std::string&& text)
    : own_(std::make_shared<const std::string>(std::move(text))), text_(*own_) {
  read();
}

void JsonReader::read() {
  members_.reserve(kMembersExpected);
  JsonKind kind = scan_object(text_, members_);
  if (kind == JsonKind::kEscapedName) {
    // Written anew a name has a backslash only if it needs one, and is then none of ours.
    auto anew = std::make_shared<const std::string>(text_of(all()));
    text_ = *anew;
    own_ = std::move(anew);
    members_.clear();
    scan_object(text_, members_);
    kind = JsonKind::kObject;
  }
  if (kind == JsonKind::kNotJson) throw JsonShapeError("not JSON");
  if (kind == JsonKind::kOther) throw JsonShapeError("not a JSON object");
}

JsonReader::JsonReader(Json object) {
  if (!object.is_object()) throw JsonShapeError("not a JSON object");
  own_ = std::make_shared<const std::string>(text_of(object));
  text_ = *own_;
  scan_object(text_, members_);
}

const JsonMember* JsonReader::find(std::string_view name) const {
  // Of a name that comes twice the last one counts.
  const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                  [&](const JsonMember& member) { return member.name == name; });
  return found == members_.rend() ? nullptr : &*found;
}

std::string_view JsonReader::value(const char* name) const {
  const JsonMember* found = find(name);
  if (found == nullptr) throw JsonShapeError(std::string("member '") + name + "' is missing");
  return found->value;
}

bool JsonReader::has(const char* name) const {
  return find(name) != nullptr;
}

const Json& JsonReader::at(const char* name) const {
  const std::string_view text = value(name);
  for (const auto& [built_from, json] : built_) {
    if (built_from.data() == text.data()) return *json;
  }
  built_.emplace_back(text, std::make_shared<const Json>(Json::parse(text)));
  return *built_.back().second;
}

std::string JsonReader::text(const char* name) const {
  const std::string_view text = value(name);
  if (text[0] != '"') wrong(name, "a string");
  if (text.find('\\') != std::string_view::npos) return Json::parse(text).get<std::string>();
  return std::string(text.substr(1, text.size() - 2));
}

std::string JsonReader::json(const char* name) const {
  return std::string(value(name));
}

bool JsonReader::boolean(const char* name) const {
  const std::string_view text = value(name);
  if (text != "true" && text != "false") wrong(name, "true or false");
  return text == "true";
}

double JsonReader::real(const char* name) const {
  const std::string_view text = value(name);
  if (!begins_number(text)) wrong(name, "a number");
  const auto number = number_in<double>(text);
  return number ? *number : Json::parse(text).get<double>();  // so small that it is 0
}

std::int64_t JsonReader::integer(const char* name) const {
  const auto number = number_in<std::int64_t>(value(name));
  if (!number) wrong(name, "an integer");
  return *number;
}

std::uint64_t JsonReader::natural(const char* name) const {
  const auto number = number_in<std::uint64_t>(value(name));
  if (!number) wrong(name, "an integer from 0");
  return *number;
}

std::uint32_t JsonReader::natural32(const char* name) const {
  const std::uint64_t value = natural(name);
  if (value > std::numeric_limits<std::uint32_t>::max()) wrong(name, "an integer below 2^32");
  return static_cast<std::uint32_t>(value);
}

const Json& JsonReader::array(const char* name) const {
  const Json& value = at(name);
  if (!value.is_array()) wrong(name, "an array");
  return value;
}

JsonReader JsonReader::object(const char* name) const {
  JsonReader inner(value(name));
  if (!inner.own_) inner.own_ = own_;
  return inner;
}

Json JsonReader::all() const {
  return Json::parse(text_);
}

}  // namespace runledger::core
