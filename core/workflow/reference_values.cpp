#include "core/workflow/reference_values.h"

namespace runledger::core {
namespace {

constexpr std::size_t kSearchedMembersMax = 16;  // larger objects get an index

FoundValue nothing(std::string why) {
  return {nullptr, std::move(why)};
}

}  // namespace

void ReferenceValues::enter(const ReferenceScope& scope) {
  enter_item(scope);
  steps_ = {};
}

void ReferenceValues::enter_item(const ReferenceScope& scope) {
  scope_ = &scope;
  item_ = {};
}

ReferenceValues::Space& ReferenceValues::space_of(const Reference& reference) {
  if (reference.is_of_step()) return steps_;
  return reference.is_of_item() ? item_ : run_;
}

FoundValue ReferenceValues::look_up(const Reference& reference) {
  Space& space = space_of(reference);
  FoundValue found = root_of(reference, space);
  for (const PathPart& part : reference.path) {
    if (found.node == nullptr) break;
    const JsonNode& at = *found.node;
    if (const auto* name = std::get_if<std::string>(&part)) {
      if (!at.is_object()) {
        return nothing("there is no member '" + *name + "' in " + std::string(at.kind_name()));
      }
      found.node = member(space, at, *name);
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

FoundValue ReferenceValues::root_of(const Reference& reference, Space& space) {
  using Root = Reference::Root;
  switch (reference.root) {
    case Root::kRunInput:
      return parsed(space, "input", scope_->run_input, "");
    case Root::kRunId: {
      const auto [at, added] = space.parsed.try_emplace("id", json_string(scope_->run_id));
      return {&at->second, ""};
    }
    case Root::kRunLabel: {
      const std::string key = "label " + reference.name;
      if (const auto known = space.parsed.find(key); known != space.parsed.end()) {
        return {&known->second, ""};
      }
      const auto label = scope_->label ? scope_->label(reference.name) : std::nullopt;
      return parsed(space, key, label, "the run has no label '" + reference.name + "'");
    }
    case Root::kStepOutput:
    case Root::kStepStatus:
      return step(reference);
    case Root::kItem:
      if (scope_->item.empty()) return nothing("there is no item outside of for_each");
      return parsed(space, "item", scope_->item, "");
    case Root::kIndex: {
      if (!scope_->index) return nothing("there is no index outside of for_each");
      const auto [at, added] = space.parsed.try_emplace("index", json_number(*scope_->index));
      return {&at->second, ""};
    }
  }
  return {};
}

FoundValue ReferenceValues::step(const Reference& reference) {
  const std::string key = "step " + reference.name;
  auto known = steps_.parsed.find(key);
  if (known == steps_.parsed.end()) {
    const auto result = scope_->step ? scope_->step(reference.name) : std::nullopt;
    const FoundValue added =
        parsed(steps_, key, result, "step '" + reference.name + "' has no result");
    if (added.node == nullptr) return added;
    known = steps_.parsed.find(key);
  }
  const bool output = reference.root == Reference::Root::kStepOutput;
  const JsonNode* found = known->second.find(output ? "output" : "status");
  if (found != nullptr) return {found, ""};
  return nothing("step '" + reference.name + "' has no " + (output ? "output" : "status"));
}

FoundValue ReferenceValues::parsed(Space& space, const std::string& key,
                                   std::optional<std::string_view> json, std::string why) {
  if (const auto known = space.parsed.find(key); known != space.parsed.end()) {
    return {&known->second, ""};
  }
  if (!json) return nothing(std::move(why));
  work_->add(json->size());
  auto tree = parse_json_tree(*json, Duplicates::kTakeLast);
  if (const auto* problem = std::get_if<JsonProblem>(&tree)) {
    return nothing("what it refers to cannot be read: " + problem->message);
  }
  const auto [at, added] = space.parsed.emplace(key, std::get<JsonNode>(std::move(tree)));
  return {&at->second, ""};
}

const JsonNode* ReferenceValues::member(Space& space, const JsonNode& object,
                                        const std::string& name) {
  if (object.names().size() <= kSearchedMembersMax) return object.find(name);
  const auto [index, added] = space.members.try_emplace(&object);
  if (added) {
    for (std::size_t i = 0; i < object.names().size(); ++i) {
      index->second[object.names()[i]] = &object.values()[i];
    }
  }
  const auto found = index->second.find(name);
  return found == index->second.end() ? nullptr : found->second;
}

}  // namespace runledger::core
