#include "core/workflow/reference_values.h"

namespace runledger::core {
namespace {

constexpr std::size_t kSearchedMembersMax = 16;  // larger objects get an index

FoundValue nothing(std::string why) {
  return {nullptr, std::move(why)};
}

}  // namespace

FoundValue ReferenceValues::look_up(const Reference& reference) {
  FoundValue found = root_of(reference);
  for (const PathPart& part : reference.path) {
    if (found.node == nullptr) break;
    const JsonNode& at = *found.node;
    if (const auto* name = std::get_if<std::string>(&part)) {
      if (!at.is_object()) {
        return nothing("there is no member '" + *name + "' in " + std::string(at.kind_name()));
      }
      found.node = member(at, *name);
      if (found.node == nullptr) return nothing("there is no member '" + *name + "'");
    } else {
      const std::size_t index = std::get<std::size_t>(part);
      if (!at.is_array()) {
        return nothing("there is no [" + std::to_string(index) + "] in " +
                       std::string(at.kind_name()));
      }
      if (index >= at.values().size()) {
        return nothing("there is no [" + std::to_string(index) + "] in an array of " +
                       std::to_string(at.values().size()));
      }
      found.node = &at.values()[index];
    }
  }
  return found;
}

FoundValue ReferenceValues::root_of(const Reference& reference) {
  using Root = Reference::Root;
  switch (reference.root) {
    case Root::kRunInput:
      return parsed("input", scope_.run_input, "");
    case Root::kRunId: {
      const auto [at, added] = parsed_.try_emplace("id", json_string(scope_.run_id));
      return {&at->second, ""};
    }
    case Root::kRunLabel: {
      const std::string key = "label " + reference.name;
      if (const auto known = parsed_.find(key); known != parsed_.end()) return {&known->second, ""};
      const auto label = scope_.label ? scope_.label(reference.name) : std::nullopt;
      return parsed(key, label, "the run has no label '" + reference.name + "'");
    }
    case Root::kStepOutput:
    case Root::kStepStatus:
      return step(reference);
    case Root::kItem:
      if (scope_.item.empty()) return nothing("there is no item outside of for_each");
      return parsed("item", scope_.item, "");
    case Root::kIndex: {
      if (!scope_.index) return nothing("there is no index outside of for_each");
      const auto [at, added] = parsed_.try_emplace("index", json_number(*scope_.index));
      return {&at->second, ""};
    }
  }
  return {};
}

FoundValue ReferenceValues::step(const Reference& reference) {
  const std::string key = "step " + reference.name;
  auto known = parsed_.find(key);
  if (known == parsed_.end()) {
    const auto result = scope_.step ? scope_.step(reference.name) : std::nullopt;
    const FoundValue added = parsed(key, result, "step '" + reference.name + "' has no result");
    if (added.node == nullptr) return added;
    known = parsed_.find(key);
  }
  const bool output = reference.root == Reference::Root::kStepOutput;
  const JsonNode* found = known->second.find(output ? "output" : "status");
  if (found != nullptr) return {found, ""};
  return nothing("step '" + reference.name + "' has no " + (output ? "output" : "status"));
}

FoundValue ReferenceValues::parsed(const std::string& key, std::optional<std::string_view> json,
                                   std::string why) {
  if (const auto known = parsed_.find(key); known != parsed_.end()) return {&known->second, ""};
  if (!json) return nothing(std::move(why));
  auto tree = parse_json_tree(*json, Duplicates::kTakeLast);
  if (const auto* problem = std::get_if<JsonProblem>(&tree)) {
    return nothing("what it refers to cannot be read: " + problem->message);
  }
  const auto [at, added] = parsed_.emplace(key, std::get<JsonNode>(std::move(tree)));
  return {&at->second, ""};
}

const JsonNode* ReferenceValues::member(const JsonNode& object, const std::string& name) {
  if (object.names().size() <= kSearchedMembersMax) return object.find(name);
  const auto [index, added] = members_.try_emplace(&object);
  if (added) {
    for (std::size_t i = 0; i < object.names().size(); ++i) {
      index->second[object.names()[i]] = &object.values()[i];
    }
  }
  const auto found = index->second.find(name);
  return found == index->second.end() ? nullptr : found->second;
}

}  // namespace runledger::core
