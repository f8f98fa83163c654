#include "examples/provider/coze.h"

#include <nlohmann/json.hpp>

#include "examples/provider/json_object.h"

namespace runledger::provider {
namespace {

using nlohmann::json;

constexpr const char* kNobodysId = "7000000000000000000";

bool is_video(const std::string& workflow) {
  return workflow.find("video") != std::string::npos;
}

Answer no_such_run() {
  return coze_error(200, kCozeNotFound, "The execution does not exist");
}

Answer refused(OrderRefusal refusal) {
  switch (refusal) {
    case OrderRefusal::kFull:
      return coze_error(429, kCozeBusy, "Expected fewer jobs; POST /_control/reset drops them");
    case OrderRefusal::kKeyTooLong:
      return coze_error(400, kCozeBadRequest, "Expected a shorter Idempotency-Key");
    case OrderRefusal::kKeyOfAnotherBody:
      return coze_error(422, kCozeBadRequest, "The Idempotency-Key was used for another request");
  }
  return {500, ""};
}

Answer accepted(const std::string& execute_id) {
  return {200, text_of(json{{"code", 0}, {"msg", ""}, {"execute_id", execute_id}})};
}

std::string status_of(const Job& job, const Call& call) {
  if (call.fault.is(FaultKind::kUnknownStatus)) return "Paused";
  switch (job.state(call.now_ms)) {
    case JobState::kRunning:
      return "Running";
    case JobState::kSucceeded:
      return "Success";
    case JobState::kFailed:
    case JobState::kCanceled:
      return "Fail";
  }
  return "";
}

// JSON in a string in JSON in a string, as workflows of that service answer.
std::string output_of(const State& state, const Call& call, const Job& job) {
  const bool video = is_video(job.subject);
  json result = {{"media_type", video ? "video/mp4" : "image/png"}};
  if (!call.fault.is(FaultKind::kNoUrl)) result["url"] = file_url(state, call, video);
  return json{{"Output", result.dump()}}.dump();
}

}  // namespace

Answer coze_error(int status, int code, const std::string& message) {
  return {status, text_of(json{{"code", code}, {"msg", message}})};
}

Answer run_workflow(State& state, const Call& call) {
  const json body = object_of(call.request.body);
  const std::string workflow = body.is_discarded() ? "" : text_of(body, "workflow_id");
  if (workflow.empty()) return coze_error(200, kCozeBadRequest, "Expected a workflow_id");
  if (body.contains("parameters") && !body["parameters"].is_object()) {
    return coze_error(200, kCozeBadRequest, "Expected parameters to be an object");
  }
  if (!body.contains("is_async") || body["is_async"] != true) {
    return coze_error(200, kCozeBadRequest, "Expected is_async to be true");
  }
  if (is_video(workflow) && !state.clip) {
    return coze_error(200, kCozeNotFound, "The workflow is not offered: there is no ffmpeg here");
  }
  state.counters.submitted(call.request.idempotency_key);
  const Jobs::Placement placement = state.jobs.place(order_of(state, call, workflow));
  if (const auto* refusal = std::get_if<OrderRefusal>(&placement)) return refused(*refusal);
  const auto& placed = std::get<Placed>(placement);
  Answer answer = accepted(call.fault.is(FaultKind::kUnknownId) ? kNobodysId : placed.job.id);
  if (placed.replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

Answer find_run(State& state, const Call& call) {
  const auto key = call.request.query.find("idempotency_key");
  if (key == call.request.query.end() || key->second.empty()) {
    return coze_error(400, kCozeBadRequest, "Expected an idempotency_key");
  }
  const Job* job = state.jobs.find_by_key(key->second);
  if (job == nullptr || call.fault.is(FaultKind::kUnknownId)) return no_such_run();
  return accepted(job->id);
}

Answer run_history(State& state, const Call& call) {
  ++state.counters.polls;
  const Job* job = state.jobs.find(call.subject);
  const bool known = job != nullptr && job->subject == call.workflow;
  if (!known || call.fault.is(FaultKind::kUnknownId)) return no_such_run();
  const JobState job_state = job->state(call.now_ms);
  json run = {{"execute_id", job->id},
              {"execute_status", status_of(*job, call)},
              {"create_time", job->begun_ms / 1000},
              {"output", ""},
              {"error_message", ""}};
  if (job_state == JobState::kSucceeded) run["output"] = output_of(state, call, *job);
  if (job_state == JobState::kFailed) run["error_message"] = *job->failure;
  if (job_state == JobState::kCanceled) run["error_message"] = "The run was canceled";
  return {200, text_of(json{{"code", 0}, {"msg", ""}, {"data", json::array({run})}})};
}

Answer cancel_run(State& state, const Call& call) {
  const json body = object_of(call.request.body);
  const std::string id = body.is_discarded() ? "" : text_of(body, "execute_id");
  if (id.empty()) return coze_error(200, kCozeBadRequest, "Expected an execute_id");
  if (state.jobs.find(id) == nullptr || call.fault.is(FaultKind::kUnknownId)) return no_such_run();
  if (state.jobs.cancel(id, call.now_ms)) ++state.counters.cancels;
  return {200, text_of(json{{"code", 0}, {"msg", ""}})};
}

}  // namespace runledger::provider
