#include "tests/workflow/support.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace runledger::core::testing {

WorkflowSpec parsed(std::string_view json) {
  auto result = parse_spec(json);
  if (const auto* errors = std::get_if<std::vector<SpecError>>(&result)) {
    throw std::runtime_error("not a spec: " + text_of(*errors));
  }
  return std::get<WorkflowSpec>(std::move(result));
}

std::vector<SpecError> errors_of(std::string_view json) {
  auto result = parse_spec(json);
  auto* errors = std::get_if<std::vector<SpecError>>(&result);
  return errors == nullptr ? std::vector<SpecError>{} : std::move(*errors);
}

std::string text_of(const std::vector<SpecError>& errors) {
  std::string text;
  for (const SpecError& error : errors) text += error.pointer + ": " + error.message + "\n";
  return text;
}

bool has_error(const std::vector<SpecError>& errors, std::string_view pointer,
               std::string_view part_of_message) {
  return std::any_of(errors.begin(), errors.end(), [&](const SpecError& error) {
    return error.pointer == pointer && error.message.find(part_of_message) != std::string::npos;
  });
}

std::string one_step(std::string_view members) {
  return R"({"steps":[{"id":"a","task":"image")" + std::string(members.empty() ? "" : ",") +
         std::string(members) + "}]}";
}

std::vector<std::string> ids_of(const WorkflowSpec& spec) {
  std::vector<std::string> ids;
  for (const StepSpec& step : spec.steps) ids.push_back(step.id);
  return ids;
}

ReferenceScope scope_of_a_run() {
  ReferenceScope scope;
  scope.run_id = "run_01";
  scope.run_input =
      R"({"title":"Cats & dogs","count":3,"big":123456789012345678901234567890,"price":1.50,)"
      R"("on":true,"none":null,"empty":[],"list":[{"name":"a"},{"name":"b"}],"quote":"say \"hi\""})";
  scope.label = [](std::string_view name) -> std::optional<std::string> {
    if (name == "conversation.id") return R"("42")";
    return std::nullopt;
  };
  scope.step = [](std::string_view id) -> std::optional<std::string> {
    if (id == "clip") return R"({"status":"succeeded","output":{"url":"http://x/1","size":7}})";
    if (id == "lost") return R"({"status":"skipped"})";
    return std::nullopt;
  };
  return scope;
}

std::string resolved(std::string_view json, const ReferenceScope& scope) {
  const auto result = resolve(json, scope);
  if (const auto* error = std::get_if<ReferenceError>(&result)) {
    return "error at " + error->pointer + ": " + error->message;
  }
  return std::get<JsonText>(result).text;
}

ReferenceError refusal(std::string_view json, const ReferenceScope& scope) {
  const auto result = resolve(json, scope);
  const auto* error = std::get_if<ReferenceError>(&result);
  return error == nullptr ? ReferenceError{"", "", "resolved"} : *error;
}

std::string read_file(const std::string& path_from_root) {
  std::ifstream in(std::string(RUNLEDGER_SOURCE_DIR) + "/" + path_from_root);
  if (!in) throw std::runtime_error("cannot read " + path_from_root);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::uint64_t seed_or(std::uint64_t otherwise) {
  const char* given = std::getenv("RUNLEDGER_SEED");
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

}  // namespace runledger::core::testing
