// Specs that come from outside: parsed, and checked against the task types and workflows that there
// are, so that nothing is recorded that could not run.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/http/problem.h"
#include "api/rest/json_body.h"
#include "core/access/principal.h"
#include "core/engine/engine.h"
#include "core/workflow/spec.h"

namespace runledger::api {

// `code` says of what kind the first error is.
struct SpecFaults {
  std::string code;
  std::vector<FieldError> errors;  // pointers begin with `where`
};

// where: the pointer to the spec in the request's body.
std::variant<core::WorkflowSpec, SpecFaults> read_spec(const Json& spec, const std::string& where,
                                                       const core::Principal& who,
                                                       core::Engine& engine);

// A run's input against the spec's input_schema; empty: it fits, or there is no schema.
std::vector<FieldError> check_run_input(const core::WorkflowSpec& spec, const std::string& input,
                                        const std::string& where);

}  // namespace runledger::api
