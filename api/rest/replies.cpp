#include "api/rest/replies.h"

#include "core/base/json_writer.h"
#include "core/base/time_text.h"

namespace runledger::api {
namespace {

std::string winner_json(const core::Winner& winner) {
  core::JsonWriter who;
  if (!winner.run_id.empty()) who.text("run_id", winner.run_id);
  who.text("decision", winner.decision);
  if (winner.time_us != 0) {
    who.text("by", winner.by)
        .text("time", core::rfc3339(winner.time_us))
        .number("offset", winner.offset);
  }
  return core::JsonWriter().json("winner", who.take()).take();
}

Problem refusal(int status, std::string code, std::string detail, bool retryable) {
  Problem problem;
  problem.status = status;
  problem.code = std::move(code);
  problem.detail = std::move(detail);
  problem.retryable = retryable;
  if (retryable) problem.retry_after_s = 1;
  return problem;
}

}  // namespace

Answer json_answer(int status, std::string body) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

namespace {

Problem problem_of_one(const core::Rejection& rejection) {
  using Code = core::RejectionCode;
  switch (rejection.code) {
    case Code::kNotFound:
      return refusal(404, "not_found", rejection.reason, false);
    case Code::kForbidden:
      return refusal(403, "forbidden", rejection.reason, false);
    case Code::kInvalid:
      return refusal(422, "invalid_request", rejection.reason, false);
    case Code::kConflict: {
      Problem problem = refusal(409, "conflict", rejection.reason, false);
      if (rejection.winner) problem.extra_json = winner_json(*rejection.winner);
      return problem;
    }
    case Code::kIdempotencyMismatch:
      return refusal(422, "idempotency_key_reused", rejection.reason, false);
    case Code::kFenced:
      return refusal(409, "fenced", rejection.reason, false);
    case Code::kTooLarge:
      return refusal(413, "too_large", rejection.reason, false);
    case Code::kDamaged:
      return refusal(500, "stored_data_damaged", rejection.reason, false);
    case Code::kQueueFull:
      return engine_busy();
    case Code::kOutcomeUnknown:
      return refusal(503, "outcome_unknown", rejection.reason, true);
  }
  return refusal(500, "internal_error", "An unknown refusal", false);
}

}  // namespace

Problem problem_of(const core::Rejection& rejection) {
  Problem problem = problem_of_one(rejection);
  if (rejection.of_batch) {
    problem.errors.push_back({"/runs/" + std::to_string(*rejection.of_batch), rejection.reason});
  }
  return problem;
}

Problem not_found(const std::string& what, const std::string& id) {
  return refusal(404, "not_found", "There is no " + what + " " + id, false);
}

Problem bad_request(std::string code, std::string detail) {
  return refusal(400, std::move(code), std::move(detail), false);
}

Problem bad_request(std::string code, std::vector<FieldError> errors) {
  const FieldError& first = errors.front();
  const std::string where = first.pointer.empty() ? "The body" : first.pointer;
  Problem problem = refusal(400, std::move(code), where + ": " + first.message, false);
  problem.errors = std::move(errors);
  return problem;
}

Problem engine_busy() {
  return refusal(503, "queue_full", "The server has more to do than it can queue; try again", true);
}

Problem no_room() {
  Problem problem;
  problem.status = 507;
  problem.code = "insufficient_storage";
  problem.detail = "The server's disk is nearly full: no new work is taken, reads go on";
  problem.retryable = true;
  problem.retry_after_s = 60;
  return problem;
}

Reply submit(core::Engine& engine, core::Command command, const std::string& request_id,
             std::function<Answer(const core::CommandReply&)> render) {
  auto shared = std::make_shared<core::Command>(std::move(command));
  return Later{[&engine, shared, request_id,
                render = std::move(render)](std::shared_ptr<LaterAnswer> later) {
    const bool queued = engine.submit(
        std::move(*shared), [later, request_id, render](const core::Outcome& outcome) {
          const auto* rejection = std::get_if<core::Rejection>(&outcome);
          later->give(rejection != nullptr ? to_answer(problem_of(*rejection), request_id)
                                           : render(std::get<core::CommandReply>(outcome)));
        });
    if (!queued) later->give(to_answer(engine_busy(), request_id));
  }};
}

}  // namespace runledger::api
