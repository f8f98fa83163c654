#include "examples/provider/openai.h"

#include <openssl/evp.h>

#include <nlohmann/json.hpp>

#include "examples/provider/json_object.h"

namespace runledger::provider {
namespace {

using nlohmann::json;

constexpr std::string_view kVideoIdPrefix = "video_";

Answer bad_request(const std::string& message) {
  return openai_error(400, "invalid_request", message);
}

Answer no_such_video() {
  return openai_error(404, "not_found", "The video does not exist");
}

std::string base64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

Answer refused(OrderRefusal refusal) {
  switch (refusal) {
    case OrderRefusal::kFull:
      return openai_error(429, "rate_limit_exceeded", "POST /_control/reset drops the jobs");
    case OrderRefusal::kKeyTooLong:
      return bad_request("Expected a shorter Idempotency-Key");
    case OrderRefusal::kKeyOfAnotherBody:
      return openai_error(422, "idempotency_error", "The key was used for another request");
  }
  return {500, ""};
}

const Job* video_of(const State& state, const Call& call) {
  if (call.fault.is(FaultKind::kUnknownId) || !call.subject.starts_with(kVideoIdPrefix)) {
    return nullptr;
  }
  return state.jobs.find(call.subject.substr(kVideoIdPrefix.size()));
}

std::string status_of(JobState state) {
  switch (state) {
    case JobState::kRunning:
      return "in_progress";
    case JobState::kSucceeded:
      return "completed";
    case JobState::kFailed:
    case JobState::kCanceled:
      return "failed";
  }
  return "";
}

std::int64_t progress_of(const Job& job, std::int64_t now_ms) {
  if (now_ms >= job.ends_ms) return 100;
  return (now_ms - job.begun_ms) * 100 / (job.ends_ms - job.begun_ms);
}

json video_json(const Job& job, std::int64_t now_ms) {
  json video = {{"id", std::string(kVideoIdPrefix) + job.id},
                {"object", "video"},
                {"model", job.subject},
                {"status", status_of(job.state(now_ms))},
                {"progress", progress_of(job, now_ms)},
                {"created_at", job.begun_ms / 1000},
                {"error", nullptr}};
  if (job.state(now_ms) == JobState::kFailed) {
    video["error"] = {{"code", "generation_failed"}, {"message", *job.failure}};
  }
  return video;
}

// Of the last message of the user; nullopt: there is none with a text.
std::optional<std::string> question_of(const json& body) {
  const auto messages = body.find("messages");
  if (messages == body.end() || !messages->is_array()) return std::nullopt;
  for (auto message = messages->rbegin(); message != messages->rend(); ++message) {
    if (!message->is_object() || text_of(*message, "role") != "user") continue;
    if (const auto text = message->find("content"); text != message->end() && text->is_string()) {
      return text->get<std::string>();
    }
  }
  return std::nullopt;
}

}  // namespace

Answer openai_error(int status, const std::string& code, const std::string& message) {
  const char* type = status < 500 ? "invalid_request_error" : "server_error";
  return {status, text_of(json{{"error", {{"message", message}, {"type", type}, {"code", code}}}})};
}

Answer generate_images(State& state, const Call& call) {
  const json body = object_of(call.request.body);
  if (body.is_discarded() || text_of(body, "prompt").empty()) {
    return bad_request("Expected a prompt");
  }
  const std::string format = text_of(body, "response_format", "url");
  if (format != "url" && format != "b64_json") {
    return bad_request("Expected response_format to be url or b64_json");
  }
  const json count = body.value("n", json(1));
  if (!count.is_number_integer() || count < 1 || count > kImagesMax) {
    return bad_request("Expected n to be from 1 to 10");
  }
  state.counters.submitted(call.request.idempotency_key);
  json image = json::object();
  if (format == "b64_json") {
    image["b64_json"] = base64(state.picture);
  } else {
    image["url"] = file_url(state, call, false);
  }
  if (call.fault.is(FaultKind::kNoUrl)) image.clear();
  const json images(count.get<std::size_t>(), image);
  return {200, json{{"created", call.now_ms / 1000}, {"data", images}}.dump()};
}

Answer create_video(State& state, const Call& call) {
  const json body = object_of(call.request.body);
  if (body.is_discarded() || text_of(body, "prompt").empty()) {
    return bad_request("Expected a prompt");
  }
  if (!state.clip) return openai_error(404, "not_found", "No video here: there is no ffmpeg");
  state.counters.submitted(call.request.idempotency_key);
  const Jobs::Placement placement =
      state.jobs.place(order_of(state, call, text_of(body, "model", "sora-2")));
  if (const auto* refusal = std::get_if<OrderRefusal>(&placement)) return refused(*refusal);
  const auto& placed = std::get<Placed>(placement);
  json video = video_json(placed.job, call.now_ms);
  if (!placed.replayed) video["status"] = "queued";
  if (call.fault.is(FaultKind::kUnknownId)) video["id"] = std::string(kVideoIdPrefix) + "0";
  Answer answer{200, video.dump()};
  if (placed.replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

Answer get_video(State& state, const Call& call) {
  ++state.counters.polls;
  const Job* job = video_of(state, call);
  if (job == nullptr) return no_such_video();
  json video = video_json(*job, call.now_ms);
  if (call.fault.is(FaultKind::kUnknownStatus)) video["status"] = "paused";
  return {200, video.dump()};
}

Answer get_video_content(State& state, const Call& call) {
  const Job* job = video_of(state, call);
  if (job == nullptr) return no_such_video();
  if (job->state(call.now_ms) != JobState::kSucceeded) {
    return openai_error(404, "not_ready", "The video is not completed");
  }
  ++state.counters.downloads;
  return {200, *state.clip, "video/mp4"};
}

Answer complete_chat(State& state, const Call& call) {
  const json body = object_of(call.request.body);
  const std::optional<std::string> question =
      body.is_discarded() ? std::nullopt : question_of(body);
  if (!question) return bad_request("Expected messages with one of the role user");
  state.counters.submitted(call.request.idempotency_key);
  const json content = {{"question", *question}, {"question_bytes", question->size()}};
  const json choice = {{"index", 0},
                       {"finish_reason", "stop"},
                       {"message", {{"role", "assistant"}, {"content", content.dump()}}}};
  const std::size_t asked = call.request.body.size() / 4;  // about as many tokens
  const std::size_t said = content.dump().size() / 4;
  return {
      200,
      json{
          {"id", "chatcmpl-" + std::to_string(call.now_ms)},
          {"object", "chat.completion"},
          {"created", call.now_ms / 1000},
          {"model", text_of(body, "model", "gpt-4o-mini")},
          {"choices", json::array({choice})},
          {"usage",
           {{"prompt_tokens", asked}, {"completion_tokens", said}, {"total_tokens", asked + said}}}}
          .dump()};
}

}  // namespace runledger::provider
