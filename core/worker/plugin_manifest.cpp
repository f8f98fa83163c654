#include "core/worker/plugin_manifest.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"
#include "core/schema/input_schema.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kShownBytesMax = 80;  // of a value in a message

constexpr std::array kManifestMembers{"name", "version", "processes", "task_types"};
constexpr std::array kLimitMembers{"slots", "memory_bytes"};
constexpr std::array kTypeMembers{"name", "description", "input_schema", "output_schema",
                                  "risk", "examples",    "limits"};
constexpr std::array kRisks{"writes", "external_calls", "costs"};

struct BadManifest : std::runtime_error {
  BadManifest(std::string where, const std::string& problem)
      : std::runtime_error("the manifest at '" + where + "': " + problem),
        pointer(std::move(where)) {}
  std::string pointer;
};

[[noreturn]] void refuse(const std::string& pointer, const std::string& expected,
                         const std::string& found) {
  throw BadManifest(pointer, "expected " + expected + ", but " + found);
}

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', true);  // ASCII, so that it can be cut anywhere
  if (text.size() > kShownBytesMax) text = text.substr(0, kShownBytesMax) + "...";
  return "it is " + text;
}

template <std::size_t N>
std::string listed(const std::array<const char*, N>& names) {
  std::string text;
  for (const char* name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

template <std::size_t N>
void only(const std::array<const char*, N>& known, const json& object, const std::string& pointer) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    refuse(pointer + "/" + name, "no member but " + listed(known), "there is this one");
  }
}

const json& member(const json& object, const std::string& pointer, const char* name,
                   json::value_t type, const char* expected) {
  const std::string at = pointer + "/" + name;
  const auto found = object.find(name);
  if (found == object.end()) refuse(at, expected, "there is none");
  if (found->type() != type) refuse(at, expected, shown(*found));
  return *found;
}

std::string text(const json& object, const std::string& pointer, const char* name) {
  return member(object, pointer, name, json::value_t::string, "a string").get<std::string>();
}

std::string identifier(const json& object, const std::string& pointer) {
  auto name = text(object, pointer, "name");
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool good = !name.empty() && name.size() <= kNameBytesMax && name[0] >= 'a' &&
                    std::all_of(name.begin(), name.end(), allowed);
  if (!good) {
    refuse(pointer + "/name", "a lower-case word such as image or automation_case",
           shown(object["name"]));
  }
  return name;
}

// A whole number of the limits; 0: it is not there.
std::uint64_t limit(const json& limits, const std::string& pointer, const char* name,
                    std::uint64_t min, std::uint64_t max) {
  const auto found = limits.find(name);
  if (found == limits.end()) return 0;
  const bool good = found->is_number_unsigned() && found->get<std::uint64_t>() >= min &&
                    found->get<std::uint64_t>() <= max;
  if (!good) {
    refuse(pointer + "/" + name,
           "a whole number of " + std::to_string(min) + " to " + std::to_string(max),
           shown(*found));
  }
  return found->get<std::uint64_t>();
}

void read_limits(const json& entry, const std::string& at, ManifestTaskType& type) {
  if (!entry.contains("limits")) return;
  const json& limits = member(entry, at, "limits", json::value_t::object, "an object");
  const std::string pointer = at + "/limits";
  only(kLimitMembers, limits, pointer);
  type.slots = static_cast<std::uint32_t>(limit(limits, pointer, "slots", 1, protocol::kSlotsMax));
  type.memory_bytes = limit(limits, pointer, "memory_bytes", kHostMemoryBytesMin,
                            std::numeric_limits<std::int64_t>::max());
}

std::shared_ptr<const InputSchema> schema(const json& entry, const std::string& pointer,
                                          const char* name) {
  const json& document = member(entry, pointer, name, json::value_t::object, "a JSON schema");
  auto compiled = InputSchema::compile(document.dump());
  if (const auto* wrong = std::get_if<SchemaError>(&compiled)) {
    refuse(pointer + "/" + name, "a JSON schema (draft 7) that can be enforced", wrong->reason);
  }
  return std::get<std::shared_ptr<const InputSchema>>(std::move(compiled));
}

void check_risks(const json& entry, const std::string& pointer) {
  if (!entry.contains("risk")) return;
  const json& risks = member(entry, pointer, "risk", json::value_t::array, "an array");
  for (std::size_t i = 0; i < risks.size(); ++i) {
    const bool known =
        risks[i].is_string() &&
        std::find(kRisks.begin(), kRisks.end(), risks[i].get<std::string>()) != kRisks.end();
    if (known) continue;
    refuse(pointer + "/risk/" + std::to_string(i), "one of " + listed(kRisks), shown(risks[i]));
  }
}

void check_examples(const json& entry, const std::string& pointer, const InputSchema& input) {
  if (!entry.contains("examples")) return;
  const json& examples = member(entry, pointer, "examples", json::value_t::array, "an array");
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::string at = pointer + "/examples/" + std::to_string(i);
    if (!examples[i].is_object()) refuse(at, "an input, a JSON object", shown(examples[i]));
    const auto violations = input.check(examples[i].dump());
    if (violations.empty()) continue;
    refuse(at + violations.front().pointer, "an input that fits the input_schema",
           "the schema says: " + violations.front().message);
  }
}

ManifestTaskType read_task_type(const json& entry, const std::string& pointer) {
  if (!entry.is_object()) refuse(pointer, "an object that describes a task type", shown(entry));
  ManifestTaskType type{identifier(entry, pointer), entry.dump()};
  text(entry, pointer, "description");
  const auto input = schema(entry, pointer, "input_schema");
  schema(entry, pointer, "output_schema");
  read_limits(entry, pointer, type);
  check_risks(entry, pointer);
  check_examples(entry, pointer, *input);
  only(kTypeMembers, entry, pointer);
  return type;
}

Manifest read(const json& document) {
  Manifest manifest{identifier(document, ""), text(document, "", "version"), {}, false};
  if (document.contains("processes")) {
    manifest.processes =
        member(document, "", "processes", json::value_t::boolean, "true or false").get<bool>();
  }
  const json& types =
      member(document, "", "task_types", json::value_t::array, "an array of task types");
  if (types.empty()) refuse("/task_types", "at least one task type", "there is none");
  std::set<std::string> names;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string pointer = "/task_types/" + std::to_string(i);
    auto type = read_task_type(types[i], pointer);
    if (!names.insert(type.name).second) {
      refuse(pointer + "/name", "each task type once", "there is another " + type.name);
    }
    manifest.task_types.push_back(std::move(type));
  }
  only(kManifestMembers, document, "");
  return manifest;
}

}  // namespace

std::variant<Manifest, ManifestError> read_manifest(std::string_view manifest) {
  if (manifest.size() > kManifestBytesMax) {
    return ManifestError{
        "", "the manifest is larger than " + std::to_string(kManifestBytesMax) + " bytes"};
  }
  if (const auto problem = protocol::json_text_problem(manifest, protocol::JsonKind::kObject)) {
    return ManifestError{"", "the manifest cannot be used: " + *problem};
  }
  try {
    return read(json::parse(manifest));
  } catch (const BadManifest& error) {
    return ManifestError{error.pointer, error.what()};
  }
}

}  // namespace runledger::core::worker
