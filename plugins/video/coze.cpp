#include "plugins/video/coze.h"

#include <cstdlib>

#include "plugins/video/coze_answer.h"

namespace runledger::plugins::video {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUrlVariable = "RUNLEDGER_COZE_URL";
constexpr ArtifactName kVideo{.name = "video.mp4", .media_type = "video/mp4"};
constexpr auto kCallTime = 30s;  // of one call, the download aside
constexpr PollOptions kPatience{.every = 1s, .timeout = 2h, .factor = 1.5, .every_max = 15s};

std::string url_of(const std::string& path) {
  const char* variable = std::getenv(kUrlVariable);
  std::string base = variable == nullptr ? "" : variable;
  while (base.ends_with('/')) base.pop_back();
  if (base.empty()) {
    throw Failure("provider_not_configured",
                  "Expected RUNLEDGER_COZE_URL in the worker's environment, and --plugin-env "
                  "RUNLEDGER_COZE_URL",
                  false);
  }
  return base + path;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

HttpRequest prepared(HttpRequest request) {
  request.credential = "coze";
  request.total = kCallTime;
  return request;
}

HttpRequest get(const std::string& path) {
  return prepared({.url = url_of(path)});
}

std::string submit(TaskContext& task, const std::string& workflow, const std::string& key) {
  HttpRequest request = prepared(post_json(
      url_of("/v1/workflow/run"), {{"workflow_id", workflow},
                                   {"parameters", task.input().value("parameters", json::object())},
                                   {"is_async", true}}));
  request.headers.emplace_back("Idempotency-Key", key);
  const CozeAnswer answer = read_coze_answer(task.http(request));
  if (answer.code != 0) throw refused_by_coze(answer);
  return execute_id_of(answer);
}

std::optional<std::string> find(TaskContext& task, std::string_view key) {
  const HttpRequest request = get("/v1/workflow/run?idempotency_key=" + encoded(key));
  const CozeAnswer answer = read_coze_answer(task.http(request));
  if (answer.code == kCozeNotFound) return std::nullopt;
  if (answer.code != 0) throw refused_by_coze(answer);
  return execute_id_of(answer);
}

// nullopt: it goes on, or it could not be asked this time.
std::optional<json> result_of(TaskContext& task, const std::string& workflow,
                              const std::string& execute_id) {
  try {
    const CozeAnswer answer = read_coze_answer(task.http(
        get("/v1/workflows/" + encoded(workflow) + "/run_histories/" + encoded(execute_id))));
    if (answer.code == kCozeNotFound) {
      throw Failure("provider_run_unknown", "The provider does not know the run " + execute_id,
                    false);
    }
    if (answer.code != 0) throw refused_by_coze(answer);
    const auto url = result_url_of(answer);
    return url ? std::optional<json>(*url) : std::nullopt;
  } catch (const Failure& failure) {
    if (!failure.retryable()) throw;
    task.log("warning", std::string("Asked the provider in vain: ") + failure.what());
    return std::nullopt;
  }
}

}  // namespace

json make_at_coze(TaskContext& task) {
  const auto workflow = task.input().at("workflow_id").get<std::string>();
  const RemoteOptions options{.provider = "coze",
                              .find = [&](std::string_view key) { return find(task, key); },
                              .resource = {{.name = kVideo.name, .media_type = kVideo.media_type}}};
  const RemoteJob job = task.remote(
      options, [&](RemoteCall& call) { return submit(task, workflow, call.idempotency_key()); });
  const json url =
      task.poll("finished", kPatience, [&] { return result_of(task, workflow, job.execute_id()); });
  const Artifact artifact = task.artifact(kVideo).from_url(url.get<std::string>());
  return {{"resource_id", artifact.resource_id},
          {"name", kVideo.name},
          {"media_type", kVideo.media_type},
          {"execute_id", job.execute_id()},
          {"size", artifact.size},
          {"sha256", artifact.sha256}};
}

void cancel_at_coze(RemoteCancel& job) {
  const json body = {{"workflow_id", job.input().at("workflow_id")},
                     {"execute_id", job.execute_id()}};
  const HttpRequest request = prepared(post_json(url_of("/v1/workflow/cancel"), body));
  const CozeAnswer answer = read_coze_answer(job.http(request));
  if (answer.code == kCozeNotFound) {
    job.log("warning", "The provider does not know the run that was to be canceled");
  } else if (answer.code != 0) {
    throw refused_by_coze(answer);
  }
}

}  // namespace runledger::plugins::video
