#include "core/check/check_inputs.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "core/protocol/json_text.h"
#include "core/schema/input_schema.h"

namespace runledger::core::check {
namespace {

using nlohmann::json;

json nested(std::size_t depth) {
  json value = json::array();
  for (std::size_t i = 1; i < depth; ++i) value = json::array({std::move(value)});
  return value;
}

std::vector<json> strange_values() {
  constexpr std::size_t kLongText = 20'000;
  constexpr std::size_t kDepth = protocol::kJsonNestingMax - 2;  // inside an input
  return {nullptr,
          true,
          -1.5,
          1e300,
          json::number_unsigned_t{1} << 63,
          "",
          "\xF0\x9F\x92\xA5",
          json::array(),
          json::object(),
          std::string(kLongText, 'x'),
          nested(kDepth)};
}

std::set<std::string> members_of(const json& schema, const json& example) {
  std::set<std::string> names;
  if (schema.contains("properties") && schema["properties"].is_object()) {
    for (const auto& [name, rule] : schema["properties"].items()) names.insert(name);
  }
  for (const auto& [name, value] : example.items()) names.insert(name);
  return names;
}

}  // namespace

std::vector<std::string> malformed_inputs(std::string_view schema_json, std::string_view example) {
  const json schema = json::parse(schema_json);
  const json good = json::parse(example);
  std::vector<json> candidates = {json::object(), {{"", nullptr}}};
  for (const std::string& name : members_of(schema, good)) {
    json without = good;
    without.erase(name);
    candidates.push_back(std::move(without));
    for (json& value : strange_values()) {
      json changed = good;
      changed[name] = std::move(value);
      candidates.push_back(std::move(changed));
    }
  }
  auto compiled = InputSchema::compile(schema_json);
  const auto* rules = std::get_if<std::shared_ptr<const InputSchema>>(&compiled);
  std::vector<std::string> bad;
  if (rules == nullptr) return bad;
  for (const json& candidate : candidates) {
    std::string text = candidate.dump();
    if (!(*rules)->check(text).empty()) bad.push_back(std::move(text));
    if (bad.size() == kMalformedInputsMax) break;
  }
  return bad;
}

}  // namespace runledger::core::check
