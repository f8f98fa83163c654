// The http calls of the host table: reads a request as a plugin gives it, gives the answer.
#pragma once

#include <runledger/testing/checks.hpp>
#include <runledger/testing/outside.hpp>

namespace runledger::testing {

// Of a body, there or back, that is kept in memory.
inline constexpr std::size_t kCallBodyBytesMax = 8 * 1024 * 1024;
inline constexpr std::uint64_t kCallTimeMsMax = 3'600'000;

namespace detail {

// What the last answer on this thread points to.
struct KeptAnswer {
  std::string headers;
  std::string body;
  std::string problem;
};
inline thread_local KeptAnswer kept_answer;

inline runledger_status read_headers(runledger_text text, HttpHeaders& headers) {
  if (text.size == 0) return RUNLEDGER_OK;
  const auto status = check_json("the headers", text, kHeaderBytesMax * 2, Json::kAny);
  if (status != RUNLEDGER_OK) return status;
  try {
    headers = json::parse(string_of(text)).get<HttpHeaders>();
  } catch (const json::exception&) {
    return refuse(RUNLEDGER_INVALID, "Expected the headers as JSON, [[\"Accept\", \"*/*\"]]");
  }
  return RUNLEDGER_OK;
}

inline std::chrono::milliseconds call_time(std::uint64_t asked_ms,
                                           std::chrono::milliseconds otherwise) {
  if (asked_ms == 0) return otherwise;
  return std::chrono::milliseconds(std::min(asked_ms, kCallTimeMsMax));
}

inline runledger_status read_request(const runledger_http_request* given, std::uint64_t bytes_max,
                                     HttpRequest& request) {
  if (given == nullptr || given->size < sizeof(runledger_http_request)) {
    return refuse(RUNLEDGER_INVALID, "Expected a runledger_http_request with its size set");
  }
  auto status = check_size("the body", given->body.size, kCallBodyBytesMax);
  if (status == RUNLEDGER_OK) status = check_size("the URL", given->url.size, kUrlBytesMax);
  if (status == RUNLEDGER_OK) status = read_headers(given->headers, request.headers);
  if (status != RUNLEDGER_OK) return status;
  if (given->method.size > 0) request.method = string_of(given->method);
  request.url = string_of(given->url);
  request.body = string_of(given->body);
  request.credential = string_of(given->credential);
  request.redirects_max = given->redirects_max;
  request.first_byte = call_time(given->first_byte_ms, request.first_byte);
  request.total = call_time(given->total_ms, request.total);
  const auto asked = given->answer_bytes_max;
  request.answer_bytes_max = asked == 0 ? bytes_max : std::min(asked, bytes_max);
  if (auto problem = request_problem(request); !problem.empty()) {
    return refuse(RUNLEDGER_INVALID, "The call cannot be made: " + problem);
  }
  return RUNLEDGER_OK;
}

inline runledger_status prepare(runledger_http_answer* answer) {
  if (answer == nullptr || answer->size < sizeof(runledger_http_answer)) {
    return refuse(RUNLEDGER_INVALID, "Expected a runledger_http_answer with its size set");
  }
  kept_answer = {};
  *answer = {};
  answer->size = sizeof *answer;
  return RUNLEDGER_OK;
}

inline runledger_status give_problem(HttpProblem problem, runledger_http_answer& answer) {
  kept_answer.problem = std::move(problem.code);
  answer.problem = text_of(kept_answer.problem);
  answer.retryable = problem.retryable ? 1 : 0;
  answer.may_have_arrived = problem.may_have_arrived ? 1 : 0;
  return refuse(RUNLEDGER_UNAVAILABLE, std::move(problem.message));
}

inline runledger_status give_answer(const HttpAnswer& got, std::string body,
                                    runledger_http_answer& answer) {
  kept_answer.headers = json(got.headers).dump(-1, ' ', false, json::error_handler_t::replace);
  kept_answer.body = std::move(body);
  answer.status = static_cast<std::uint32_t>(got.status);
  answer.headers = text_of(kept_answer.headers);
  answer.body = text_of(kept_answer.body);
  answer.retry_after_ms = static_cast<std::uint64_t>(got.retry_after.count());
  return RUNLEDGER_OK;
}

// `stopped` says whether the task is to stop: then there is no call.
template <typename IsStopped>
runledger_status make_call(Outside& outside, IsStopped stopped, const runledger_http_request* given,
                           runledger_http_answer* answer) {
  auto status = prepare(answer);
  HttpRequest request;
  if (status == RUNLEDGER_OK) status = read_request(given, kCallBodyBytesMax, request);
  if (status != RUNLEDGER_OK) return status;
  if (stopped()) return RUNLEDGER_STOPPED;
  HttpReply reply = outside.call(request);
  if (stopped()) return RUNLEDGER_STOPPED;
  if (auto* problem = std::get_if<HttpProblem>(&reply)) {
    return give_problem(std::move(*problem), *answer);
  }
  auto& got = std::get<HttpAnswer>(reply);
  std::string body = std::move(got.body);
  return give_answer(got, std::move(body), *answer);
}

// As the answer says, without parameters.
inline std::string media_type_of(const HttpAnswer& answer) {
  std::string_view said = answer.header("content-type").value_or("");
  said = said.substr(0, said.find_first_of("; \t"));
  return said.empty() ? "application/octet-stream" : std::string(said);
}

// A download: `got` with its body is the answer when this is RUNLEDGER_OK.
template <typename IsStopped>
runledger_status download(Outside& outside, IsStopped stopped, const runledger_http_request* given,
                          runledger_http_answer* answer, HttpAnswer& got) {
  HttpRequest request;
  auto status = read_request(given, kArtifactBytesMax, request);
  if (status != RUNLEDGER_OK) return status;
  if (stopped()) return RUNLEDGER_STOPPED;
  HttpReply reply = outside.call(request);
  if (stopped()) return RUNLEDGER_STOPPED;
  if (auto* problem = std::get_if<HttpProblem>(&reply)) {
    return give_problem(std::move(*problem), *answer);
  }
  got = std::get<HttpAnswer>(std::move(reply));
  status = give_answer(got, {}, *answer);
  if (got.status == 200) return status;
  return give_problem(
      {"bad_status", without_secrets(request.url) + " answered " + std::to_string(got.status),
       got.status == 429 || got.status >= 500, false},
      *answer);
}

}  // namespace detail
}  // namespace runledger::testing
