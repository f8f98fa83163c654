#include "core/base/json_reader.h"

#include <limits>

namespace runledger::core {
namespace {

[[noreturn]] void wrong(const char* name, const char* expected) {
  throw JsonShapeError(std::string("member '") + name + "' is not " + expected);
}

JsonReader::Json parse_object(std::string_view text) {
  auto json = JsonReader::Json::parse(text, nullptr, false);
  if (json.is_discarded()) throw JsonShapeError("not JSON");
  return json;
}

}  // namespace

JsonReader::JsonReader(std::string_view text) : JsonReader(parse_object(text)) {}

JsonReader::JsonReader(Json object) : json_(std::move(object)) {
  if (!json_.is_object()) throw JsonShapeError("not a JSON object");
}

const JsonReader::Json& JsonReader::at(const char* name) const {
  const auto found = json_.find(name);
  if (found == json_.end()) throw JsonShapeError(std::string("member '") + name + "' is missing");
  return *found;
}

std::string JsonReader::text(const char* name) const {
  const Json& value = at(name);
  if (!value.is_string()) wrong(name, "a string");
  return value.get<std::string>();
}

std::string JsonReader::json(const char* name) const {
  return at(name).dump();
}

bool JsonReader::boolean(const char* name) const {
  const Json& value = at(name);
  if (!value.is_boolean()) wrong(name, "true or false");
  return value.get<bool>();
}

double JsonReader::real(const char* name) const {
  const Json& value = at(name);
  if (!value.is_number()) wrong(name, "a number");
  return value.get<double>();
}

std::int64_t JsonReader::integer(const char* name) const {
  const Json& value = at(name);
  if (!value.is_number_integer()) wrong(name, "an integer");
  return value.get<std::int64_t>();
}

std::uint64_t JsonReader::natural(const char* name) const {
  const Json& value = at(name);
  if (!value.is_number_unsigned()) wrong(name, "an integer from 0");
  return value.get<std::uint64_t>();
}

std::uint32_t JsonReader::natural32(const char* name) const {
  const std::uint64_t value = natural(name);
  if (value > std::numeric_limits<std::uint32_t>::max()) wrong(name, "an integer below 2^32");
  return static_cast<std::uint32_t>(value);
}

const JsonReader::Json& JsonReader::array(const char* name) const {
  const Json& value = at(name);
  if (!value.is_array()) wrong(name, "an array");
  return value;
}

JsonReader JsonReader::object(const char* name) const {
  return JsonReader(at(name));
}

}  // namespace runledger::core
