#include "api/rest/retry_body.h"

#include "api/rest/decision_body.h"
#include "api/rest/idempotency_key.h"
#include "api/rest/replies.h"
#include "api/rest/spec_check.h"
#include "core/base/sha256.h"
#include "core/domain/repeated_plan.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

std::vector<FieldError> input_errors(const core::RunPlan& plan, const std::string& input,
                                     core::Engine& engine) {
  if (!core::is_single_task(plan)) return check_run_input(plan.spec, input, "/input");
  const auto types = engine.task_types().snapshot();
  const auto type = types->find(plan.spec.steps[0].task_type);
  std::vector<FieldError> errors;
  if (type == types->end()) return errors;  // a worker may still come that knows it
  for (const auto& violation : type->second.input_schema->check(input)) {
    errors.push_back({"/input" + violation.pointer, violation.message});
  }
  return errors;
}

// Of a run that has ended nothing changes any more, so what is found here still holds when the
// engine decides.
std::optional<Problem> new_run_problem(const core::RunState& run, const core::RetryRun& retry,
                                       const core::Reader& reader, core::Engine& engine) {
  if (!engine.has_room()) return no_room();
  if (!retry.input) return std::nullopt;
  const auto errors = input_errors(*reader.plan(run), retry.input->text, engine);
  if (errors.empty()) return std::nullopt;
  return bad_request("schema_violation", errors);
}

}  // namespace

std::variant<core::RetryRun, Problem> read_retry(const Request& request, core::Engine& engine) {
  core::RetryRun retry;
  retry.run_id = request.path_parameters.at(0);
  if (auto refused = read_idempotency_key(request, retry.idempotency_key)) return *refused;
  if (!retry.idempotency_key.empty()) {
    retry.request_sha256 = core::sha256_hex("retry " + retry.run_id + "\n" + request.body);
  }
  DecisionBody body(request);
  retry.from_step = body.text("from_step");
  retry.expected_version = body.version();
  if (auto input = body.json("input")) {
    if (!input->starts_with('{')) body.complain("input", "Expected an object");
    if (!retry.from_step.empty()) body.complain("input", "Expected only without from_step");
    retry.input = core::JsonText{std::move(*input)};
  }
  const core::Reader reader(engine.storage(), request.principal);
  const auto run = reader.run(retry.run_id);
  const bool ended = run && run->ended();
  if (run && !ended) {
    if (retry.from_step.empty()) {
      body.complain("from_step", "Expected a step: the run has not ended");
    }
    if (retry.input) body.complain("input", "Expected only of a run that has ended");
  }
  if (auto wrong = body.problem()) return *wrong;
  const bool repeated =
      !retry.idempotency_key.empty() && run && run->owner == request.principal.user &&
      run->tenant == request.principal.tenant && reader.knows_key(retry.idempotency_key);
  if (ended && !repeated) {
    if (auto wrong = new_run_problem(*run, retry, reader, engine)) return *wrong;
  }
  return retry;
}

}  // namespace runledger::api
