#include "api/rest/run_answer.h"

#include "api/rest/replies.h"
#include "core/base/json_writer.h"

namespace runledger::api {

Answer accepted_answer(const core::CommandReply& reply) {
  const auto& accepted = std::get<core::RunAccepted>(reply);
  Answer answer = json_answer(202, core::JsonWriter()
                                       .text("run_id", accepted.run_id)
                                       .text("status", core::to_text(accepted.status))
                                       .number("offset", accepted.offset)
                                       .take());
  answer.headers = {{"Location", "/v1/runs/" + accepted.run_id}, {"Retry-After", "1"}};
  return answer;
}

Answer batch_answer(const core::CommandReply& reply) {
  const auto& accepted = std::get<core::RunsAccepted>(reply);
  core::JsonArray ids;
  for (const std::string& run_id : accepted.run_ids) ids.add(core::json_quoted(run_id));
  Answer answer = json_answer(
      202, core::JsonWriter().json("run_ids", ids.take()).number("offset", accepted.offset).take());
  if (accepted.replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

Answer submitted_answer(const core::CommandReply& reply) {
  Answer answer = accepted_answer(reply);
  if (std::get<core::RunAccepted>(reply).replayed) {
    answer.headers.emplace_back("Idempotency-Replayed", "true");
  }
  return answer;
}

}  // namespace runledger::api
