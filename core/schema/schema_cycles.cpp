#include "core/schema/schema_cycles.h"

#include <nlohmann/json.hpp>
#include <set>

namespace runledger::core {
namespace {

using nlohmann::json;

// Follows what applies to the same value (references, combinations), from one subschema on.
class Walk {
 public:
  explicit Walk(const json& root) : root_(root) {}

  std::optional<std::string> from(const json& schema) {
    if (!schema.is_object() || done_.contains(&schema)) return std::nullopt;
    if (!under_way_.insert(&schema).second) return "a reference leads back to itself";
    if (auto bad = into(schema)) return bad;
    under_way_.erase(&schema);
    done_.insert(&schema);
    return std::nullopt;
  }

  // Every subschema is a place to start from.
  std::optional<std::string> everywhere(const json& value) {
    if (value.is_object()) {
      if (auto bad = from(value)) return bad;
    }
    if (!value.is_structured()) return std::nullopt;
    for (const json& child : value) {
      if (auto bad = everywhere(child)) return bad;
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> into(const json& schema) {
    if (const auto ref = schema.find("$ref"); ref != schema.end() && ref->is_string()) {
      return follow(ref->get<std::string>());
    }
    for (const char* one : {"not", "if", "then", "else"}) {
      if (!schema.contains(one)) continue;
      if (auto bad = from(schema[one])) return bad;
    }
    for (const char* list : {"allOf", "anyOf", "oneOf"}) {
      if (!schema.contains(list) || !schema[list].is_array()) continue;
      for (const json& each : schema[list]) {
        if (auto bad = from(each)) return bad;
      }
    }
    return std::nullopt;
  }

  std::optional<std::string> follow(const std::string& reference) {
    const std::string nowhere = "the reference '" + reference + "' leads nowhere in this schema";
    if (!reference.starts_with('#')) return nowhere;
    try {
      const json::json_pointer pointer(reference.substr(1));
      return root_.contains(pointer) ? from(root_.at(pointer)) : nowhere;
    } catch (const json::exception&) {
      return nowhere;
    }
  }

  const json& root_;
  std::set<const json*> under_way_;
  std::set<const json*> done_;
};

}  // namespace

std::optional<std::string> find_bad_reference(std::string_view schema_json) {
  const json schema = json::parse(schema_json, nullptr, false);
  return Walk(schema).everywhere(schema);
}

}  // namespace runledger::core
