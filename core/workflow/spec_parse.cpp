#include "core/workflow/json_node.h"
#include "core/workflow/spec.h"
#include "core/workflow/spec_references.h"
#include "core/workflow/step_graph.h"

namespace runledger::core {
namespace {

std::vector<StepDraft> read_steps(const SpecReader& spec) {
  std::vector<StepDraft> drafts;
  const std::string form = "an array of 1 to " + std::to_string(kStepsMax) + " steps";
  const JsonNode* steps = spec.find("steps");
  if (steps == nullptr) {
    spec.complain("steps", "Expected " + form + ", but there is none");
  } else if (!steps->is_array()) {
    spec.complain("steps", expected(form, *steps));
  } else if (steps->values().empty() || steps->values().size() > kStepsMax) {
    spec.complain("steps",
                  "Expected " + form + ", but there are " + std::to_string(steps->values().size()));
  } else {
    for (std::size_t i = 0; i < steps->values().size(); ++i) {
      drafts.push_back(read_step(steps->values()[i], pointer_to("/steps", i), spec.errors()));
    }
  }
  return drafts;
}

void read_whole(const SpecReader& reader, WorkflowSpec& spec) {
  reader.allow_only({"name", "steps", "output", "input_schema", "timeout_ms"});
  const JsonNode* name = reader.find("name");
  if (name != nullptr && !name->is_string()) reader.complain("name", expected("a string", *name));
  if (const JsonNode* output = reader.find("output")) spec.output = JsonText{json_text(*output)};
  if (const JsonNode* schema = reader.object("input_schema")) {
    spec.input_schema = JsonText{json_text(*schema)};
  }
  reader.duration_ms("timeout_ms", spec.timeout_ms);
}

void move_steps(std::vector<StepDraft>& drafts, const StepGraph& graph, WorkflowSpec& spec) {
  for (const std::size_t at : graph.order()) {
    StepSpec& step = drafts[at].step;
    // A draft that has been moved from has lost its id.
    for (const std::size_t need : graph.needs(at)) step.needs.push_back(drafts[need].step.id);
  }
  for (const std::size_t at : graph.order()) spec.steps.push_back(std::move(drafts[at].step));
}

using Result = std::variant<WorkflowSpec, std::vector<SpecError>>;

// A stored spec lies around an input that was itself as deep as may be.
constexpr std::size_t kStoredDepthMax = 2 * kJsonDepthMax;

Result read_tree(const std::variant<JsonNode, JsonProblem>& parsed) {
  if (const auto* problem = std::get_if<JsonProblem>(&parsed)) {
    return std::vector<SpecError>{{problem->pointer, problem->message}};
  }
  const JsonNode& root = std::get<JsonNode>(parsed);
  if (!root.is_object()) {
    return std::vector<SpecError>{{"", expected("a spec, which is an object", root)}};
  }
  SpecErrors errors;
  WorkflowSpec spec;
  const SpecReader reader(root, "", errors);
  read_whole(reader, spec);
  std::vector<StepDraft> drafts = read_steps(reader);
  const StepGraph graph(drafts, errors);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    check_step_references(drafts[i], i, graph, errors);
  }
  if (const JsonNode* output = root.find("output"); output != nullptr && !drafts.empty()) {
    check_output_references(*output, graph, errors);
  }
  if (!errors.empty()) return errors.take();
  move_steps(drafts, graph, spec);
  return spec;
}

// They speak of attempts, and a sub-workflow has none: its own steps do. Specs that were stored
// before this was refused still have them.
std::vector<SpecError> policies_of_workflow_steps(const JsonNode& root) {
  SpecErrors errors;
  const JsonNode* steps = root.find("steps");
  for (std::size_t i = 0; i < steps->values().size(); ++i) {
    const JsonNode& step = steps->values()[i];
    if (step.find("workflow") == nullptr) continue;
    for (const char* name :
         {"retry", "review", "attempt_timeout_ms", "queue_timeout_ms", "heartbeat_timeout_ms"}) {
      if (step.find(name) == nullptr) continue;
      errors.add(pointer_to(pointer_to("/steps", i), name),
                 std::string("Expected no '") + name +
                     "' beside 'workflow': give it to the steps of that workflow");
    }
  }
  return errors.take();
}

}  // namespace

Result parse_spec(std::string_view json) {
  if (json.size() > kSpecBytesMax) {
    return std::vector<SpecError>{{"", "Expected a spec of at most " +
                                           std::to_string(kSpecBytesMax) + " bytes, but it has " +
                                           std::to_string(json.size())}};
  }
  const auto tree = parse_json_tree(json, Duplicates::kRefuse);
  Result spec = read_tree(tree);
  if (std::holds_alternative<WorkflowSpec>(spec)) {
    auto errors = policies_of_workflow_steps(std::get<JsonNode>(tree));
    if (!errors.empty()) return errors;
  }
  return spec;
}

Result parse_stored_spec(std::string_view json) {
  return read_tree(parse_json_tree(json, Duplicates::kTakeLast, kStoredDepthMax));
}

}  // namespace runledger::core
