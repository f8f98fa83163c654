// Small words for the tests of specs, references and cron.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/workflow/references.h"
#include "core/workflow/spec.h"

namespace runledger::core::testing {

// Fails the test, with the errors, if it is none.
WorkflowSpec parsed(std::string_view json);
std::vector<SpecError> errors_of(std::string_view json);
// "pointer: message", one a line.
std::string text_of(const std::vector<SpecError>& errors);
bool has_error(const std::vector<SpecError>& errors, std::string_view pointer,
               std::string_view part_of_message);
// A spec of one step with these further members.
std::string one_step(std::string_view members);
std::vector<std::string> ids_of(const WorkflowSpec& spec);

// A run with an input, labels, two steps that have ended, and no item.
ReferenceScope scope_of_a_run();
std::string resolved(std::string_view json, const ReferenceScope& scope);
ReferenceError refusal(std::string_view json, const ReferenceScope& scope);

std::string read_file(const std::string& path_from_root);

// RUNLEDGER_SEED repeats a random test that has failed.
std::uint64_t seed_or(std::uint64_t otherwise);

}  // namespace runledger::core::testing
