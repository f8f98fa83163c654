// A step between its JSON and the graph: read, but not yet put in its place. A plain value; the
// tree that it was read from outlives it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/workflow/json_node.h"
#include "core/workflow/spec.h"
#include "core/workflow/spec_reader.h"

namespace runledger::core {

struct StepDraft {
  StepSpec step;  // without its needs
  std::string pointer;
  const JsonNode* needs = nullptr;  // nullptr: left out
  const JsonNode* input = nullptr;
  const JsonNode* when = nullptr;
  const JsonNode* items = nullptr;  // of for_each
};

// What is wrong goes to the errors; what can be read is in the draft all the same.
StepDraft read_step(const JsonNode& node, std::string pointer, SpecErrors& errors);

}  // namespace runledger::core
