// All references in a tree, and all that are malformed. Pure, any thread.
#pragma once

#include <vector>

#include "core/workflow/json_node.h"
#include "core/workflow/reference_syntax.h"
#include "core/workflow/references.h"

namespace runledger::core {

struct PlacedReference {
  std::string pointer;
  Reference reference;
};

struct ReferenceSearch {
  std::vector<PlacedReference> found;
  std::vector<ReferenceError> errors;
};

// Pointers begin with the base. Names of members are no place for references.
void search_references(const JsonNode& node, std::string_view base, ReferenceSearch& search);

}  // namespace runledger::core
