#include "core/worker/host_outside.h"

#include <nlohmann/json.hpp>

#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// What the last answer on this thread points to.
struct Kept {
  std::string headers;
  std::string body;
  std::string problem;
};
thread_local Kept kept;

runledger_text text_of(const std::string& text) {
  return {text.data(), text.size()};
}

milliseconds time_of(std::uint64_t asked_ms, milliseconds otherwise) {
  if (asked_ms == 0) return otherwise;
  return milliseconds(std::min<std::uint64_t>(asked_ms, kCallTimeMax.count()));
}

runledger_status read_headers(runledger_text text, egress::Headers& headers) {
  if (text.size == 0) return RUNLEDGER_OK;
  const auto status =
      check_json("the headers", text, egress::kHeaderBytesMax * 2, protocol::JsonKind::kAny);
  if (status != RUNLEDGER_OK) return status;
  try {
    headers = json::parse(string_of(text)).get<egress::Headers>();
  } catch (const json::exception&) {
    return refuse(RUNLEDGER_INVALID, "Expected the headers as JSON, [[\"Accept\", \"*/*\"]]");
  }
  return RUNLEDGER_OK;
}

runledger_status read_request(const runledger_http_request* given, OutsideRequest& request) {
  if (given == nullptr || given->size < sizeof(runledger_http_request)) {
    return refuse(RUNLEDGER_INVALID, "Expected a runledger_http_request with its size set");
  }
  if (given->body.size > kCallBodyBytesMax) {
    return refuse_size("the body", given->body.size, kCallBodyBytesMax);
  }
  if (given->url.size > egress::kUrlBytesMax) {
    return refuse_size("the URL", given->url.size, egress::kUrlBytesMax);
  }
  const auto status = read_headers(given->headers, request.http.headers);
  if (status != RUNLEDGER_OK) return status;
  request.http.method = given->method.size == 0 ? "GET" : string_of(given->method);
  request.http.url = string_of(given->url);
  request.http.body = string_of(given->body);
  request.http.redirects_max = given->redirects_max;
  request.http.timeouts.first_byte =
      time_of(given->first_byte_ms, request.http.timeouts.first_byte);
  request.http.timeouts.total = time_of(given->total_ms, request.http.timeouts.total);
  if (given->answer_bytes_max > 0) request.http.answer_bytes_max = given->answer_bytes_max;
  request.credential = string_of(given->credential);
  if (auto problem = egress::request_problem(request.http); !problem.empty()) {
    return refuse(RUNLEDGER_INVALID, "The call cannot be made: " + problem);
  }
  return RUNLEDGER_OK;
}

runledger_status give_problem(egress::HttpProblem problem, runledger_http_answer& answer) {
  kept.problem = std::move(problem.code);
  answer.problem = text_of(kept.problem);
  answer.retryable = problem.retryable ? 1 : 0;
  answer.may_have_arrived = problem.may_have_arrived ? 1 : 0;
  if (kept.problem == "stopped") return RUNLEDGER_STOPPED;
  return refuse(RUNLEDGER_UNAVAILABLE, std::move(problem.message));
}

runledger_status give(OutsideAnswer got, runledger_http_answer& answer) {
  if (auto* problem = std::get_if<egress::HttpProblem>(&got.outcome)) {
    return give_problem(std::move(*problem), answer);
  }
  auto& http = std::get<egress::HttpAnswer>(got.outcome);
  kept.headers = json(http.headers).dump(-1, ' ', false, json::error_handler_t::replace);
  kept.body = std::move(http.body);
  answer.status = static_cast<std::uint32_t>(http.status);
  answer.headers = text_of(kept.headers);
  answer.body = text_of(kept.body);
  answer.retry_after_ms = got.retry_after_ms;
  return RUNLEDGER_OK;
}

bool prepare(runledger_http_answer* answer) {
  if (answer == nullptr || answer->size < sizeof(runledger_http_answer)) {
    refuse(RUNLEDGER_INVALID, "Expected a runledger_http_answer with its size set");
    return false;
  }
  kept = {};
  *answer = {};
  answer->size = sizeof *answer;
  return true;
}

}  // namespace

runledger_status make_call(OutsideLink& link, const runledger_http_request* request,
                           runledger_http_answer* answer) {
  if (!prepare(answer)) return RUNLEDGER_INVALID;
  OutsideRequest asked;
  const auto status = read_request(request, asked);
  if (status != RUNLEDGER_OK) return status;
  return give(link.call(std::move(asked)), *answer);
}

runledger_status fetch_artifact(OutsideLink& link, runledger_text name, runledger_text media_type,
                                const runledger_http_request* request,
                                runledger_http_answer* answer, FetchedArtifact& fetched) {
  if (!prepare(answer)) return RUNLEDGER_INVALID;
  OutsideRequest asked;
  asked.http.answer_bytes_max = kArtifactBytesMax;
  auto status = check_name("the name", name);
  if (status == RUNLEDGER_OK && media_type.size > 0) {
    status = check_name("the media type", media_type);
  }
  if (status == RUNLEDGER_OK) status = read_request(request, asked);
  if (status != RUNLEDGER_OK) return status;
  asked.http.answer_bytes_max =
      std::min<std::uint64_t>(asked.http.answer_bytes_max, kArtifactBytesMax);
  const std::string where = egress::without_secrets(asked.http.url);
  fetched = link.fetch(std::move(asked), {string_of(name), string_of(media_type), {}, 0});
  status = give(fetched.answer, *answer);
  if (status != RUNLEDGER_OK || answer->status == 200) return status;
  return give_problem({"bad_status", where + " answered " + std::to_string(answer->status),
                       answer->status == 429 || answer->status >= 500, false},
                      *answer);
}

}  // namespace runledger::core::worker
