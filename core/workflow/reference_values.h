// What references lead to, within one scope. Each value that they speak of is parsed once, when it
// is first asked for. One thread; the scope outlives it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/workflow/json_node.h"
#include "core/workflow/reference_syntax.h"
#include "core/workflow/references.h"

namespace runledger::core {

struct FoundValue {
  const JsonNode* node =
      nullptr;  // lives as long as the ReferenceValues; nullptr: nothing is there
  std::string why_not;
};

class ReferenceValues {
 public:
  explicit ReferenceValues(const ReferenceScope& scope) : scope_(scope) {}
  ReferenceValues(const ReferenceValues&) = delete;
  ReferenceValues& operator=(const ReferenceValues&) = delete;

  FoundValue look_up(const Reference& reference);

 private:
  using Members = std::unordered_map<std::string_view, const JsonNode*>;

  FoundValue root_of(const Reference& reference);
  FoundValue step(const Reference& reference);
  FoundValue parsed(const std::string& key, std::optional<std::string_view> json, std::string why);
  const JsonNode* member(const JsonNode& object, const std::string& name);

  const ReferenceScope& scope_;
  std::map<std::string, JsonNode> parsed_;  // by a key that names where the value comes from
  // Of large objects, so that many references into one cost no more than the object.
  std::unordered_map<const JsonNode*, Members> members_;
};

}  // namespace runledger::core
