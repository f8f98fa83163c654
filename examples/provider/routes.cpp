#include "examples/provider/routes.h"

#include "examples/provider/control.h"
#include "examples/provider/coze.h"
#include "examples/provider/distortion.h"
#include "examples/provider/openai.h"

namespace runledger::provider {
namespace {

using Handler = Answer (*)(State&, const Call&);

Answer get_file(State& state, const Call& call) {
  const bool picture = call.subject == "picture.png";
  if (!picture && (call.subject != "clip.mp4" || !state.clip)) {
    return openai_error(404, "not_found", "There is no such file");
  }
  ++state.counters.downloads;
  return picture ? Answer{200, state.picture, "image/png"} : Answer{200, *state.clip, "video/mp4"};
}

// A `*` is one part of the path: the last is the call's subject, the one before its workflow.
struct Route {
  std::string_view method;
  std::string_view path;
  Endpoint endpoint;
  Handler handler;
};

constexpr Route kRoutes[] = {
    {"POST", "/v1/workflow/run", Endpoint::kRun, run_workflow},
    {"GET", "/v1/workflow/run", Endpoint::kFind, find_run},
    {"GET", "/v1/workflows/*/run_histories/*", Endpoint::kHistory, run_history},
    {"POST", "/v1/workflow/cancel", Endpoint::kCancel, cancel_run},
    {"GET", "/files/*", Endpoint::kFile, get_file},
    {"POST", "/v1/images/generations", Endpoint::kImages, generate_images},
    {"POST", "/v1/videos", Endpoint::kVideos, create_video},
    {"GET", "/v1/videos/*", Endpoint::kVideo, get_video},
    {"GET", "/v1/videos/*/content", Endpoint::kContent, get_video_content},
    {"POST", "/v1/chat/completions", Endpoint::kChat, complete_chat},
};

std::string_view take_part(std::string_view& path) {
  const std::size_t end = path.find('/', 1);
  const std::string_view part = path.substr(0, end);
  path = end == std::string_view::npos ? "" : path.substr(end);
  return part;
}

bool matches(std::string_view pattern, std::string_view path, Call& call) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_part(pattern);
    const std::string_view part = take_part(path);
    if (wanted == "/*" && part.size() > 1) {
      call.workflow = call.subject;
      call.subject = part.substr(1);
    } else if (wanted != part) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

bool is_known(const State& state, const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!request.authorization.starts_with(kScheme)) return false;
  const std::string token = request.authorization.substr(kScheme.size());
  return state.settings.token.empty() ? !token.empty() : token == state.settings.token;
}

Answer unauthorized(Endpoint endpoint) {
  constexpr const char* kMessage = "Expected Authorization: Bearer with a token that is known";
  if (endpoint <= Endpoint::kCancel) return coze_error(401, kCozeUnauthorized, kMessage);
  return openai_error(401, "invalid_api_key", kMessage);
}

Answer carry_out(State& state, const Route& route, Call& call) {
  ++state.counters.requests.at(static_cast<std::size_t>(route.endpoint));
  const bool open = route.endpoint == Endpoint::kFile;  // its URL is what one has to know
  if (!open && !is_known(state, call.request)) return unauthorized(route.endpoint);
  call.fault = state.faults.take(route.endpoint);
  if (const auto refused = refusal(call.fault, call.request)) return *refused;
  Answer answer = route.handler(state, call);
  distort(call.fault, answer);
  return answer;
}

}  // namespace

Answer answer(State& state, const Request& request, std::int64_t now_ms) {
  if (request.path.starts_with("/_control/")) return control(state, request);
  for (const Route& route : kRoutes) {
    Call call{request, "", "", {}, now_ms};
    const bool is_method = route.method == request.method;
    if (is_method && matches(route.path, request.path, call)) return carry_out(state, route, call);
  }
  return openai_error(404, "not_found", "There is no " + request.method + " " + request.path);
}

}  // namespace runledger::provider
