// Whether a spec's references have the right form and speak of what will be there. One thread.
#pragma once

#include <vector>

#include "core/workflow/step_graph.h"

namespace runledger::core {

void check_step_references(const StepDraft& draft, std::size_t position, const StepGraph& graph,
                           SpecErrors& errors);
// Of the whole run's output: every step has ended then.
void check_output_references(const JsonNode& output, const StepGraph& graph, SpecErrors& errors);

}  // namespace runledger::core
