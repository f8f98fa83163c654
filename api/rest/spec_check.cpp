#include "api/rest/spec_check.h"

#include "core/schema/input_schema.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

using core::StepSpec;

class SpecCheck {
 public:
  SpecCheck(const Json& spec, const std::string& where, const core::Principal& who,
            core::Engine& engine)
      : spec_(spec), where_(where), who_(who), engine_(engine) {}

  SpecFaults faults(const core::WorkflowSpec& parsed) {
    for (const StepSpec& step : parsed.steps) {
      if (step.workflow.empty()) {
        check_task(step);
      } else {
        check_workflow(step);
      }
    }
    if (parsed.input_schema) check_schema(parsed.input_schema->text);
    return std::move(faults_);
  }

 private:
  void complain(const char* code, std::string pointer, std::string message) {
    if (faults_.errors.empty()) faults_.code = code;
    faults_.errors.push_back({where_ + std::move(pointer), std::move(message)});
  }

  // Where the step stands in the text: the parsed steps may be in another order.
  std::string pointer_to(const StepSpec& step) const {
    const Json& steps = spec_.at("steps");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].value("id", "") == step.id) return "/steps/" + std::to_string(i);
    }
    return "/steps";
  }

  void check_task(const StepSpec& step) {
    const auto types = engine_.task_types().snapshot();
    const auto type = types->find(step.task_type);
    if (type == types->end()) {
      return complain("unknown_task_type", pointer_to(step) + "/task",
                      "There is no task type '" + step.task_type.substr(0, 100) +
                          "'; GET /v1/task-types lists what there is");
    }
    if (step.input_has_references) return;  // checked when they are resolved
    for (const auto& violation : type->second.input_schema->check(step.input.text)) {
      complain("schema_violation", pointer_to(step) + "/input" + violation.pointer,
               violation.message);
    }
  }

  void check_workflow(const StepSpec& step) {
    const auto latest = core::Reader(engine_.storage(), who_).latest_workflow(step.workflow);
    if (latest && !latest->archived) return;
    complain(latest ? "workflow_archived" : "unknown_workflow", pointer_to(step) + "/workflow",
             latest ? "Workflow '" + step.workflow + "' is archived"
                    : "There is no workflow '" + step.workflow + "'");
  }

  void check_schema(const std::string& schema) {
    const auto compiled = core::InputSchema::compile(schema);
    if (const auto* wrong = std::get_if<core::SchemaError>(&compiled)) {
      complain("invalid_spec", "/input_schema", wrong->reason);
    }
  }

  const Json& spec_;
  const std::string& where_;
  const core::Principal& who_;
  core::Engine& engine_;
  SpecFaults faults_;
};

}  // namespace

std::variant<core::WorkflowSpec, SpecFaults> read_spec(const Json& spec, const std::string& where,
                                                       const core::Principal& who,
                                                       core::Engine& engine) {
  auto parsed = core::parse_spec(spec.dump());
  if (const auto* errors = std::get_if<std::vector<core::SpecError>>(&parsed)) {
    SpecFaults faults{"invalid_spec", {}};
    for (const core::SpecError& error : *errors) {
      faults.errors.push_back({where + error.pointer, error.message});
    }
    return faults;
  }
  auto& good = std::get<core::WorkflowSpec>(parsed);
  SpecFaults faults = SpecCheck(spec, where, who, engine).faults(good);
  if (!faults.errors.empty()) return faults;
  return std::move(good);
}

std::vector<FieldError> check_run_input(const core::WorkflowSpec& spec, const std::string& input,
                                        const std::string& where) {
  std::vector<FieldError> errors;
  if (!spec.input_schema) return errors;
  const auto compiled = core::InputSchema::compile(spec.input_schema->text);
  const auto* schema = std::get_if<std::shared_ptr<const core::InputSchema>>(&compiled);
  if (schema == nullptr) {
    return {{where, "The workflow's input_schema cannot be used: " +
                        std::get<core::SchemaError>(compiled).reason}};
  }
  for (const auto& violation : (*schema)->check(input)) {
    errors.push_back({where + violation.pointer, violation.message});
  }
  return errors;
}

}  // namespace runledger::api
