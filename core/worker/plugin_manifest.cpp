#include "core/worker/plugin_manifest.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;

constexpr std::size_t kNameBytesMax = 64;

struct BadManifest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

const json& member(const json& object, const std::string& where, const char* name,
                   json::value_t type, const char* expected) {
  const auto found = object.find(name);
  if (found == object.end()) throw BadManifest(where + " has no \"" + name + "\"");
  if (found->type() != type) {
    throw BadManifest(where + ": expected \"" + name + "\" to be " + expected + ", but it is " +
                      found->type_name());
  }
  return *found;
}

std::string text(const json& object, const std::string& where, const char* name) {
  return member(object, where, name, json::value_t::string, "a string").get<std::string>();
}

std::string identifier(const json& object, const std::string& where) {
  auto name = text(object, where, "name");
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool good = !name.empty() && name.size() <= kNameBytesMax && name[0] >= 'a' &&
                    std::all_of(name.begin(), name.end(), allowed);
  if (!good) {
    throw BadManifest(where +
                      ": expected the name to be a lower-case word such as image or "
                      "automation_case, but it is " +
                      json(name).dump());
  }
  return name;
}

// A whole number of the limits; 0: it is not there.
std::uint64_t limit(const json& limits, const std::string& where, const char* name,
                    std::uint64_t min, std::uint64_t max) {
  const auto found = limits.find(name);
  if (found == limits.end()) return 0;
  const bool good = found->is_number_unsigned() && found->get<std::uint64_t>() >= min &&
                    found->get<std::uint64_t>() <= max;
  if (!good) {
    throw BadManifest(where + ": expected the limit \"" + name + "\" to be " + std::to_string(min) +
                      " to " + std::to_string(max) + ", but it is " + found->dump());
  }
  return found->get<std::uint64_t>();
}

void read_limits(const json& entry, const std::string& where, ManifestTaskType& type) {
  if (!entry.contains("limits")) return;
  const json& limits = member(entry, where, "limits", json::value_t::object, "an object");
  for (const auto& [name, value] : limits.items()) {
    if (name == "slots" || name == "memory_bytes") continue;
    throw BadManifest(where + ": expected limits to have slots and memory_bytes, but it has " +
                      json(name).dump());
  }
  type.slots = static_cast<std::uint32_t>(limit(limits, where, "slots", 1, protocol::kSlotsMax));
  type.memory_bytes = limit(limits, where, "memory_bytes", kHostMemoryBytesMin,
                            std::numeric_limits<std::int64_t>::max());
}

ManifestTaskType read_task_type(const json& entry, const std::string& where) {
  if (!entry.is_object()) throw BadManifest(where + " is not an object");
  ManifestTaskType type{identifier(entry, where), entry.dump()};
  read_limits(entry, where, type);
  text(entry, where, "description");
  member(entry, where, "input_schema", json::value_t::object, "a JSON schema");
  member(entry, where, "output_schema", json::value_t::object, "a JSON schema");
  for (const char* list : {"risk", "examples"}) {
    if (entry.contains(list)) member(entry, where, list, json::value_t::array, "an array");
  }
  return type;
}

Manifest read(const json& document) {
  Manifest manifest{
      identifier(document, "the manifest"), text(document, "the manifest", "version"), {}, false};
  if (document.contains("processes")) {
    manifest.processes =
        member(document, "the manifest", "processes", json::value_t::boolean, "true or false")
            .get<bool>();
  }
  const json& types =
      member(document, "the manifest", "task_types", json::value_t::array, "an array");
  if (types.empty()) throw BadManifest("the manifest names no task type");
  std::set<std::string> names;
  for (const json& entry : types) {
    auto type = read_task_type(entry, "task type " + std::to_string(names.size() + 1));
    if (!names.insert(type.name).second) {
      throw BadManifest("the manifest names the task type " + type.name + " twice");
    }
    manifest.task_types.push_back(std::move(type));
  }
  return manifest;
}

}  // namespace

std::variant<Manifest, ManifestError> read_manifest(std::string_view manifest) {
  if (manifest.size() > kManifestBytesMax) {
    return ManifestError{"the manifest is larger than " + std::to_string(kManifestBytesMax) +
                         " bytes"};
  }
  if (const auto problem = protocol::json_text_problem(manifest, protocol::JsonKind::kObject)) {
    return ManifestError{"the manifest cannot be used: " + *problem};
  }
  try {
    return read(json::parse(manifest));
  } catch (const BadManifest& error) {
    return ManifestError{error.what()};
  }
}

}  // namespace runledger::core::worker
