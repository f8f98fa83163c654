// What references lead to, within one scope after the other of one run. Each value that they speak
// of is parsed once, when it is first asked for, and how much is gone over is counted: what a
// tenant has written decides how much that is. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/workflow/json_node.h"
#include "core/workflow/reference_syntax.h"
#include "core/workflow/references.h"

namespace runledger::core {

// Bytes parsed, written and compared, for all that follows from one command.
inline constexpr std::size_t kReferenceWorkBytesMax = 32 * 1024 * 1024;

class ReferenceWork {
 public:
  void add(std::size_t bytes) { bytes_ += bytes; }
  bool is_spent() const { return bytes_ > kReferenceWorkBytesMax; }

 private:
  std::size_t bytes_ = 0;
};

struct FoundValue {
  const JsonNode* node = nullptr;  // lives until the next scope; nullptr: nothing is there
  std::string why_not;
};

class ReferenceValues {
 public:
  // What is referred to lives until the next scope is entered, or the object goes.
  ReferenceValues(const ReferenceScope& scope, ReferenceWork& work)
      : scope_(&scope), work_(&work) {}
  ReferenceValues(const ReferenceValues&) = delete;
  ReferenceValues& operator=(const ReferenceValues&) = delete;

  // Another moment of the same run: its input and labels are the same.
  void enter(const ReferenceScope& scope);
  // Another item at the same moment: the steps are the same too.
  void enter_item(const ReferenceScope& scope);

  FoundValue look_up(const Reference& reference);
  ReferenceWork& work() { return *work_; }

 private:
  using Members = std::unordered_map<std::string_view, const JsonNode*>;
  // Values that stay parsed for the same time.
  struct Space {
    std::map<std::string, JsonNode> parsed;  // by a key that names where the value comes from
    // Of large objects, so that many references into one cost no more than the object.
    std::unordered_map<const JsonNode*, Members> members;
  };

  Space& space_of(const Reference& reference);
  FoundValue root_of(const Reference& reference, Space& space);
  FoundValue step(const Reference& reference);
  FoundValue parsed(Space& space, const std::string& key, std::optional<std::string_view> json,
                    std::string why);
  static const JsonNode* member(Space& space, const JsonNode& object, const std::string& name);

  const ReferenceScope* scope_;
  ReferenceWork* work_;
  Space run_;
  Space steps_;
  Space item_;
};

}  // namespace runledger::core
