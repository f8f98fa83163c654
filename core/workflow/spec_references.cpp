#include "core/workflow/spec_references.h"

#include "core/workflow/reference_search.h"

namespace runledger::core {
namespace {

// A place in the spec where references stand, and what they may speak of there.
struct Place {
  const JsonNode& node;
  std::string pointer;
  bool item_is_there = false;
  std::optional<std::size_t> step;  // whose place it is; nullopt: the run's output
  bool form_is_checked = false;     // malformed references have been noted already
};

void check_step_of(const PlacedReference& at, const Place& place, const StepGraph& graph,
                   SpecErrors& errors) {
  const std::string& name = at.reference.name;
  const auto found = graph.find(name);
  if (!found) {
    return errors.add(at.pointer, "Expected " + at.reference.text +
                                      " to speak of a step of this spec, but there is no step '" +
                                      name + "'");
  }
  if (!place.step || !graph.is_sound()) return;
  if (*found == *place.step) {
    errors.add(at.pointer, "Expected " + at.reference.text +
                               " to speak of an earlier step, but it is the step itself");
  } else if (!graph.is_upstream(*place.step, *found)) {
    errors.add(at.pointer, "Expected " + at.reference.text +
                               " to speak of a step that has ended by then: add '" + name +
                               "' to the needs of this step");
  }
}

void check_place(const Place& place, const StepGraph& graph, SpecErrors& errors) {
  ReferenceSearch search;
  search_references(place.node, place.pointer, search);
  if (!place.form_is_checked) {
    for (ReferenceError& error : search.errors) {
      errors.add(std::move(error.pointer), error.message + ", but got '" + error.reference + "'");
    }
  }
  for (const PlacedReference& at : search.found) {
    if (at.reference.is_of_step()) check_step_of(at, place, graph, errors);
    if (at.reference.is_of_item() && !place.item_is_there) {
      errors.add(at.pointer,
                 "Expected " + at.reference.text +
                     " in the input of a step with for_each only: there is no item here");
    }
  }
}

}  // namespace

void check_step_references(const StepDraft& draft, std::size_t position, const StepGraph& graph,
                           SpecErrors& errors) {
  if (draft.input != nullptr) {
    check_place({*draft.input, pointer_to(draft.pointer, "input"), draft.step.for_each.has_value(),
                 position, false},
                graph, errors);
  }
  if (draft.when != nullptr) {
    check_place({*draft.when, pointer_to(draft.pointer, "when"), false, position, true}, graph,
                errors);
  }
  if (draft.items != nullptr) {
    const std::string for_each = pointer_to(draft.pointer, "for_each");
    check_place({*draft.items, pointer_to(for_each, "items"), false, position, false}, graph,
                errors);
  }
}

void check_output_references(const JsonNode& output, const StepGraph& graph, SpecErrors& errors) {
  check_place({output, "/output", false, std::nullopt, false}, graph, errors);
}

}  // namespace runledger::core
