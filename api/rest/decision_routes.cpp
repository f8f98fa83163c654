// What people decide about runs and tasks.
#include "api/rest/decision_body.h"
#include "api/rest/replies.h"
#include "api/rest/retry_body.h"
#include "api/rest/routes.h"
#include "api/rest/run_answer.h"
#include "core/base/json_writer.h"
#include "core/protocol/remote_names.h"
#include "core/schema/input_schema.h"
#include "core/views/reader.h"
#include "core/views/run_view.h"

namespace runledger::api {
namespace {

constexpr std::size_t kDecisionBytesMax = 64 * 1024;
constexpr std::size_t kResolveMessageBytesMax = 4 * 1024;

Reply send(core::Engine& engine, const Request& request, core::CommandBody body) {
  return submit(engine, engine.commands().from_user(request.principal, std::move(body)),
                request.request_id, accepted_answer);
}

// Cancel, pause and resume: the run's id and perhaps a version.
template <typename Command>
Reply decide_run(core::Engine& engine, const Request& request) {
  DecisionBody body(request);
  Command command{request.path_parameters.at(0), body.version()};
  if (auto wrong = body.problem()) return to_answer(*wrong, request.request_id);
  return send(engine, request, std::move(command));
}

// A run keeps the spec that it was created with: what is no step of it now never becomes one.
std::optional<Problem> step_problem(core::Engine& engine, const Request& request,
                                    const core::RetryRun& retry) {
  const core::Reader reader(engine.storage(), request.principal);
  const auto run = reader.outline(retry.run_id);
  if (!run || retry.from_step.empty() || reader.plan(*run)->spec.find(retry.from_step) != nullptr)
    return std::nullopt;
  Problem problem =
      bad_request("unknown_step",
                  {{"/from_step", "The run has no step '" + retry.from_step.substr(0, 100) + "'"}});
  problem.status = 422;
  return problem;
}

// In place, or a new run if it has ended: either way the answer names the run that goes on.
Reply retry_run(core::Engine& engine, const Request& request) {
  auto read = read_retry(request, engine);
  if (const auto* refused = std::get_if<Problem>(&read)) {
    return to_answer(*refused, request.request_id);
  }
  if (auto wrong = step_problem(engine, request, std::get<core::RetryRun>(read))) {
    return to_answer(*wrong, request.request_id);
  }
  auto command =
      engine.commands().from_user(request.principal, std::get<core::RetryRun>(std::move(read)));
  return submit(engine, std::move(command), request.request_id, submitted_answer);
}

Reply answer_approval(core::Engine& engine, const Request& request, bool approved) {
  DecisionBody body(request);
  core::AnswerApproval answer;
  answer.task_id = request.path_parameters.at(0);
  answer.approved = approved;
  answer.content_sha256 = body.sha256("content_sha256");
  answer.comment = body.text(approved ? "comment" : "feedback");
  answer.expected_version = body.version();
  if (auto wrong = body.problem()) return to_answer(*wrong, request.request_id);
  const auto run = core::Reader(engine.storage(), request.principal).run_of_task(answer.task_id);
  if (!run) return to_answer(not_found("task", answer.task_id), request.request_id);
  answer.run_id = run->run_id;
  return send(engine, request, std::move(answer));
}

// A corrected body fits the schema that the executor gave with its question. Should the question
// be another one by now, its content is another too, and the decision is refused.
std::optional<Problem> corrected_problem(const core::RunState& run, const std::string& task_id,
                                         const std::string& corrected) {
  const core::TaskState* task = run.find_task(task_id);
  if (task == nullptr || !task->question || !task->question->schema) return std::nullopt;
  const auto compiled = core::InputSchema::compile(task->question->schema->text);
  const auto* schema = std::get_if<std::shared_ptr<const core::InputSchema>>(&compiled);
  if (schema == nullptr) return std::nullopt;
  std::vector<FieldError> errors;
  for (const auto& violation : (*schema)->check(corrected)) {
    errors.push_back({"/corrected" + violation.pointer, violation.message});
  }
  if (errors.empty()) return std::nullopt;
  return bad_request("schema_violation", std::move(errors));
}

Reply review_task(core::Engine& engine, const Request& request) {
  DecisionBody body(request);
  core::AnswerReview answer;
  answer.task_id = request.path_parameters.at(0);
  const std::string decision = body.required_text("decision");
  if (decision != "approved" && decision != "rejected") {
    body.complain("decision", "Expected approved or rejected");
  }
  answer.approved = decision == "approved";
  answer.content_sha256 = body.sha256("content_sha256");
  answer.feedback = body.text("feedback");
  answer.expected_version = body.version();
  const auto corrected = body.json("corrected");
  if (corrected && !answer.approved) {
    body.complain("corrected", "Expected only with the decision approved");
  }
  if (auto wrong = body.problem()) return to_answer(*wrong, request.request_id);
  const auto run = core::Reader(engine.storage(), request.principal).run_of_task(answer.task_id);
  if (!run) return to_answer(not_found("task", answer.task_id), request.request_id);
  if (corrected) {
    if (auto wrong = corrected_problem(*run, answer.task_id, *corrected)) {
      return to_answer(*wrong, request.request_id);
    }
    answer.corrected = core::JsonText{*corrected};
  }
  answer.run_id = run->run_id;
  return send(engine, request, std::move(answer));
}

// What an operator found out about a job of which nobody knew.
Reply resolve_task(core::Engine& engine, const Request& request) {
  DecisionBody body(request);
  core::ResolveRemote resolve;
  resolve.task_id = request.path_parameters.at(0);
  if (!core::from_text(body.required_text("outcome"), resolve.outcome)) {
    body.complain("outcome", "Expected submitted, not_submitted or failed");
  }
  resolve.execute_id = body.text("execute_id");
  resolve.message = body.text("message");
  resolve.expected_version = body.version();
  const bool submitted = resolve.outcome == core::RemoteOutcome::kSubmitted;
  if (submitted && !core::protocol::is_execute_id(resolve.execute_id)) {
    body.complain("execute_id", "Expected the provider's name for the job: from 1 to " +
                                    std::to_string(core::protocol::kExecuteIdBytesMax) +
                                    " bytes without control characters");
  }
  if (!submitted && !resolve.execute_id.empty()) {
    body.complain("execute_id", "Expected only with the outcome submitted");
  }
  if (resolve.message.size() > kResolveMessageBytesMax) {
    body.complain("message",
                  "Expected at most " + std::to_string(kResolveMessageBytesMax) + " bytes");
  }
  if (auto wrong = body.problem()) return to_answer(*wrong, request.request_id);
  const auto run = core::Reader(engine.storage(), request.principal).run_of_task(resolve.task_id);
  if (!run) return to_answer(not_found("task", resolve.task_id), request.request_id);
  resolve.run_id = run->run_id;
  return send(engine, request, std::move(resolve));
}

Reply get_task(core::Engine& engine, const Request& request) {
  const std::string& task_id = request.path_parameters.at(0);
  const auto run = core::Reader(engine.storage(), request.principal).run_of_task(task_id);
  const core::TaskState* task = run ? run->find_task(task_id) : nullptr;
  if (task == nullptr) return to_answer(not_found("task", task_id), request.request_id);
  return json_answer(200, core::render_task(*run, *task));
}

}  // namespace

void add_decision_routes(std::vector<Route>& routes, core::Engine& engine) {
  const auto add = [&](const char* pattern, Scope scope, std::size_t bytes_max, auto handler) {
    routes.push_back({"POST", pattern, scope, bytes_max, Served::kApplication,
                      [&engine, handler](const Request& request) {
                        return handler(engine, request);
                      }});
  };
  constexpr auto kBytes = kDecisionBytesMax;
  add("/v1/runs/{run_id}/cancel", Scope::kSubmit, kBytes, decide_run<core::CancelRun>);
  add("/v1/runs/{run_id}/pause", Scope::kSubmit, kBytes, decide_run<core::PauseRun>);
  add("/v1/runs/{run_id}/resume", Scope::kSubmit, kBytes, decide_run<core::ResumeRun>);
  add("/v1/runs/{run_id}/retry", Scope::kSubmit, kBodyBytesMax, retry_run);
  add("/v1/tasks/{task_id}/approve", Scope::kDecide, kBytes,
      [](core::Engine& to, const Request& request) { return answer_approval(to, request, true); });
  add("/v1/tasks/{task_id}/reject", Scope::kDecide, kBytes,
      [](core::Engine& to, const Request& request) { return answer_approval(to, request, false); });
  add("/v1/tasks/{task_id}/review", Scope::kDecide, kBodyBytesMax, review_task);
  add("/v1/tasks/{task_id}/resolve", Scope::kDecide, kBytes, resolve_task);
  routes.push_back({"GET", "/v1/tasks/{task_id}", Scope::kRead, 0, Served::kApplication,
                    [&engine](const Request& request) {
                      return get_task(engine, request);
                    }});
}

}  // namespace runledger::api
