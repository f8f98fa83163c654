#include "core/workflow/spec.h"

#include <algorithm>

#include "core/workflow/json_node.h"
#include "core/workflow/reference_syntax.h"
#include "core/workflow/references.h"

namespace runledger::core {
namespace {

void escape_strings(JsonNode& node) {
  if (node.is_string()) node.text = escape_references(node.text);
  if (!node.children) return;
  for (JsonNode& child : node.children->values) escape_strings(child);
}

// The same input as a template: what looks like a reference is none.
void make_literal(JsonText& input) {
  auto parsed = parse_json_tree(input.text, Duplicates::kTakeLast);
  auto* tree = std::get_if<JsonNode>(&parsed);
  if (tree == nullptr) return;
  escape_strings(*tree);
  input.text = json_text(*tree);
}

}  // namespace

const StepSpec* WorkflowSpec::find(std::string_view step_id) const {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const StepSpec& step) { return step.id == step_id; });
  return found == steps.end() ? nullptr : &*found;
}

WorkflowSpec single_task_spec(std::string task_type, JsonText input) {
  StepSpec step;
  step.id = "main";
  step.task_type = std::move(task_type);
  step.input = std::move(input);
  if (has_references(step.input.text)) {
    make_literal(step.input);
    step.input_has_references = has_references(step.input.text);
  }
  step.review.roles = {"reviewer"};
  step.on_error = OnError::kFail;
  WorkflowSpec spec;
  spec.steps.push_back(std::move(step));
  return spec;
}

}  // namespace runledger::core
