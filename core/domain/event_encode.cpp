#include "core/domain/event_codec.h"
#include "core/domain/json_writer.h"

namespace runledger::core {
namespace {

JsonWriter of_attempt(const std::string& task_id, std::uint32_t attempt) {
  JsonWriter out;
  out.text("task_id", task_id).number("attempt", attempt);
  return out;
}

std::string payload(const RunCreated& event) {
  JsonArray steps;
  for (const StepSpec& step : event.steps) {
    steps.add(JsonWriter()
                  .text("id", step.id)
                  .text("task", step.task_type)
                  .text("task_id", step.task_id)
                  .json("input", step.input.text)
                  .take());
  }
  JsonWriter labels;
  for (const auto& [name, value] : event.labels) labels.text(name, value);
  JsonWriter out;
  out.text("run_id", event.run_id)
      .json("spec", JsonWriter().json("steps", steps.take()).take())
      .json("labels", labels.take())
      .json("session", event.session.text)
      .number("priority", std::int64_t{event.priority});
  if (!event.idempotency_key.empty()) {
    out.text("idempotency_key", event.idempotency_key).text("request_sha256", event.request_sha256);
  }
  return out.take();
}
std::string payload(const RunStarted&) {
  return "{}";
}
std::string payload(const RunCancelRequested&) {
  return "{}";
}
std::string payload(const RunCanceled&) {
  return "{}";
}
std::string payload(const RunSucceeded&) {
  return "{}";
}
std::string payload(const RunFailed& event) {
  return JsonWriter().json("error", error_json(event.error)).take();
}

std::string payload(const TaskReady& event) {
  return JsonWriter().text("task_id", event.task_id).take();
}
std::string payload(const TaskLeased& event) {
  return of_attempt(event.task_id, event.attempt)
      .text("lease_id", event.lease_id)
      .text("worker_id", event.worker_id)
      .text("worker_name", event.worker_name)
      .text("plugin_version", event.plugin_version)
      .text("plugin_sha256", event.plugin_sha256)
      .take();
}
std::string payload(const TaskProgressed& event) {
  return of_attempt(event.task_id, event.attempt)
      .real("percent", event.percent)
      .text("message", event.message)
      .take();
}
std::string payload(const TaskEmitted& event) {
  return of_attempt(event.task_id, event.attempt)
      .text("type", event.event_type)
      .json("data", event.data.text)
      .take();
}
std::string payload(const TaskLogged& event) {
  return of_attempt(event.task_id, event.attempt)
      .text("level", event.level)
      .text("text", event.text)
      .take();
}
std::string payload(const TaskLeaseLost& event) {
  return of_attempt(event.task_id, event.attempt)
      .text("lease_id", event.lease_id)
      .text("reason", event.reason)
      .boolean("charged", event.charged)
      .take();
}
std::string payload(const TaskSucceeded& event) {
  return of_attempt(event.task_id, event.attempt).json("output", event.output.text).take();
}
std::string payload(const TaskFailed& event) {
  return of_attempt(event.task_id, event.attempt).json("error", error_json(event.error)).take();
}
std::string payload(const TaskCanceled& event) {
  return of_attempt(event.task_id, event.attempt).take();
}

std::string payload(const ResourceCreated& event) {
  return JsonWriter()
      .text("resource_id", event.resource_id)
      .text("task_id", event.task_id)
      .text("name", event.name)
      .text("media_type", event.media_type)
      .take();
}
std::string payload(const ResourceSucceeded& event) {
  return JsonWriter()
      .text("resource_id", event.resource_id)
      .text("sha256", event.sha256)
      .number("size", event.size)
      .take();
}

std::string payload(const TokenCreated& event) {
  JsonArray roles;
  for (const std::string& role : event.roles) roles.add(json_quoted(role));
  return JsonWriter()
      .text("token_id", event.token_id)
      .text("tenant", event.tenant)
      .text("user", event.user)
      .json("roles", roles.take())
      .text("secret_sha256", event.secret_sha256)
      .take();
}
std::string payload(const TaskTypeRegistered& event) {
  return JsonWriter()
      .text("name", event.name)
      .text("version", event.version)
      .text("plugin_sha256", event.plugin_sha256)
      .json("manifest", event.manifest.text)
      .take();
}
std::string payload(const WorkerRegistered& event) {
  return JsonWriter()
      .text("worker_id", event.worker_id)
      .text("name", event.name)
      .number("pid", event.pid)
      .number("slots", event.slots)
      .take();
}

}  // namespace

std::string encode_payload(const EventBody& body) {
  return std::visit([](const auto& event) { return payload(event); }, body);
}

std::string_view type_of(const EventBody& body) {
  return std::visit([](const auto& event) { return event.kType; }, body);
}

std::uint16_t version_of(const EventBody& body) {
  return std::visit([]<typename T>(const T&) { return version_of<T>(); }, body);
}

}  // namespace runledger::core
