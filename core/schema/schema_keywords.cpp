#include "core/schema/schema_keywords.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace runledger::core {
namespace {

using nlohmann::json;

constexpr std::array kAnnotations{"$schema", "$id",      "$comment", "title",    "description",
                                  "default", "examples", "readOnly", "writeOnly"};
constexpr std::array kAssertions{"type",
                                 "enum",
                                 "const",
                                 "minimum",
                                 "maximum",
                                 "exclusiveMinimum",
                                 "exclusiveMaximum",
                                 "multipleOf",
                                 "minLength",
                                 "maxLength",
                                 "minItems",
                                 "maxItems",
                                 "uniqueItems",
                                 "minProperties",
                                 "maxProperties",
                                 "required",
                                 "$ref"};
constexpr std::array kOneSchema{"additionalProperties",
                                "additionalItems",
                                "contains",
                                "propertyNames",
                                "not",
                                "if",
                                "then",
                                "else"};
constexpr std::array kSchemaLists{"allOf", "anyOf", "oneOf"};
constexpr std::array kSchemaMaps{"properties", "definitions"};

template <std::size_t N>
bool is_in(const std::array<const char*, N>& names, const std::string& name) {
  return std::find_if(names.begin(), names.end(), [&](const char* each) { return name == each; }) !=
         names.end();
}

std::optional<std::string> look(const json& schema, const std::string& pointer);

std::optional<std::string> look_into_list(const json& list, const std::string& pointer) {
  if (!list.is_array()) return "the schema's " + pointer + " is not an array";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (auto found = look(list[i], pointer + "/" + std::to_string(i))) return found;
  }
  return std::nullopt;
}

std::optional<std::string> look_into_map(const json& map, const std::string& pointer) {
  if (!map.is_object()) return "the schema's " + pointer + " is not an object";
  for (const auto& [name, schema] : map.items()) {
    if (auto found = look(schema, pointer + "/" + name)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> look_at(const std::string& keyword, const json& value,
                                   const std::string& pointer) {
  if (is_in(kAnnotations, keyword) || is_in(kAssertions, keyword)) return std::nullopt;
  if (is_in(kOneSchema, keyword)) return look(value, pointer);
  if (is_in(kSchemaLists, keyword)) return look_into_list(value, pointer);
  if (is_in(kSchemaMaps, keyword)) return look_into_map(value, pointer);
  if (keyword == "items") {
    return value.is_array() ? look_into_list(value, pointer) : look(value, pointer);
  }
  return "the schema uses '" + keyword + "' at " + pointer + ", which is not enforced here";
}

std::optional<std::string> look(const json& schema, const std::string& pointer) {
  if (schema.is_boolean()) return std::nullopt;
  if (!schema.is_object()) {
    return "the schema's " + (pointer.empty() ? "root" : pointer) + " is not an object";
  }
  for (const auto& [keyword, value] : schema.items()) {
    if (auto found = look_at(keyword, value, pointer + "/" + keyword)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_unsupported(std::string_view schema_json) {
  const json schema = json::parse(schema_json, nullptr, false);
  if (schema.is_discarded()) return "the schema is not JSON";
  return look(schema, "");
}

}  // namespace runledger::core
