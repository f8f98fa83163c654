#include <array>

#include "core/base/json_reader.h"
#include "core/domain/event_registry.h"

namespace runledger::core {
namespace {

Error read_error(const JsonReader& in) {
  return {in.text("code"), in.text("message"), in.boolean("retryable")};
}

template <typename T>
T of_attempt(const JsonReader& in) {
  T event;
  event.task_id = in.text("task_id");
  event.attempt = in.natural32("attempt");
  return event;
}

std::vector<StepSpec> read_steps(const JsonReader& spec) {
  std::vector<StepSpec> steps;
  for (const auto& item : spec.array("steps")) {
    const JsonReader step(item);
    steps.push_back(
        {step.text("id"), step.text("task"), step.text("task_id"), JsonText{step.json("input")}});
  }
  return steps;
}

EventBody run_created(const JsonReader& in) {
  RunCreated event;
  event.run_id = in.text("run_id");
  event.steps = read_steps(in.object("spec"));
  for (const auto& [name, value] : in.at("labels").items()) {
    if (!value.is_string()) throw JsonShapeError("label '" + name + "' is not a string");
    event.labels[name] = value.get<std::string>();
  }
  event.session = {in.json("session")};
  event.priority = static_cast<std::int32_t>(in.integer("priority"));
  if (in.has("idempotency_key")) {
    event.idempotency_key = in.text("idempotency_key");
    event.request_sha256 = in.text("request_sha256");
  }
  return event;
}

EventBody run_failed(const JsonReader& in) {
  return RunFailed{read_error(in.object("error"))};
}

EventBody task_ready(const JsonReader& in) {
  return TaskReady{in.text("task_id")};
}

EventBody task_leased(const JsonReader& in) {
  auto event = of_attempt<TaskLeased>(in);
  event.lease_id = in.text("lease_id");
  event.worker_id = in.text("worker_id");
  event.worker_name = in.text("worker_name");
  event.plugin_version = in.text("plugin_version");
  event.plugin_sha256 = in.text("plugin_sha256");
  return event;
}

EventBody task_progressed(const JsonReader& in) {
  auto event = of_attempt<TaskProgressed>(in);
  event.percent = in.real("percent");
  event.message = in.text("message");
  return event;
}

EventBody task_emitted(const JsonReader& in) {
  auto event = of_attempt<TaskEmitted>(in);
  event.event_type = in.text("type");
  event.data = {in.json("data")};
  return event;
}

EventBody task_logged(const JsonReader& in) {
  auto event = of_attempt<TaskLogged>(in);
  event.level = in.text("level");
  event.text = in.text("text");
  return event;
}

EventBody task_lease_lost(const JsonReader& in) {
  auto event = of_attempt<TaskLeaseLost>(in);
  event.lease_id = in.text("lease_id");
  event.reason = in.text("reason");
  event.charged = in.boolean("charged");
  return event;
}

EventBody task_succeeded(const JsonReader& in) {
  auto event = of_attempt<TaskSucceeded>(in);
  event.output = {in.json("output")};
  return event;
}

EventBody task_failed(const JsonReader& in) {
  auto event = of_attempt<TaskFailed>(in);
  event.error = read_error(in.object("error"));
  return event;
}

EventBody task_canceled(const JsonReader& in) {
  return of_attempt<TaskCanceled>(in);
}

EventBody resource_created(const JsonReader& in) {
  return ResourceCreated{in.text("resource_id"), in.text("task_id"), in.text("name"),
                         in.text("media_type")};
}

EventBody resource_succeeded(const JsonReader& in) {
  return ResourceSucceeded{in.text("resource_id"), in.text("sha256"), in.natural("size")};
}

EventBody token_created(const JsonReader& in) {
  TokenCreated event{in.text("token_id"), in.text("tenant"), in.text("user"), {}, {}};
  for (const auto& role : in.array("roles")) {
    if (!role.is_string()) throw JsonShapeError("a role is not a string");
    event.roles.push_back(role.get<std::string>());
  }
  event.secret_sha256 = in.text("secret_sha256");
  return event;
}

EventBody task_type_registered(const JsonReader& in) {
  return TaskTypeRegistered{in.text("name"), in.text("version"), in.text("plugin_sha256"),
                            JsonText{in.json("manifest")}};
}

EventBody worker_registered(const JsonReader& in) {
  return WorkerRegistered{in.text("worker_id"), in.text("name"), in.integer("pid"),
                          in.natural32("slots")};
}

template <typename T>
EventBody empty(const JsonReader&) {
  return T{};
}

template <typename T>
constexpr EventForm decoded(DecodePayload decode) {
  return {T::kType, version_of<T>(), decode, nullptr};
}

// Every (type, version) that was ever written. Never remove a line; a version that is no longer the
// newest becomes {T::kType, N, nullptr, upgrade_function}.
constexpr std::array kForms{
    decoded<RunCreated>(run_created),
    decoded<RunStarted>(empty<RunStarted>),
    decoded<RunCancelRequested>(empty<RunCancelRequested>),
    decoded<RunCanceled>(empty<RunCanceled>),
    decoded<RunSucceeded>(empty<RunSucceeded>),
    decoded<RunFailed>(run_failed),
    decoded<TaskReady>(task_ready),
    decoded<TaskLeased>(task_leased),
    decoded<TaskProgressed>(task_progressed),
    decoded<TaskEmitted>(task_emitted),
    decoded<TaskLogged>(task_logged),
    decoded<TaskLeaseLost>(task_lease_lost),
    decoded<TaskSucceeded>(task_succeeded),
    decoded<TaskFailed>(task_failed),
    decoded<TaskCanceled>(task_canceled),
    decoded<ResourceCreated>(resource_created),
    decoded<ResourceSucceeded>(resource_succeeded),
    decoded<TokenCreated>(token_created),
    decoded<TaskTypeRegistered>(task_type_registered),
    decoded<WorkerRegistered>(worker_registered),
};

}  // namespace

const EventRegistry& event_registry() {
  static const EventRegistry registry(kForms);
  return registry;
}

}  // namespace runledger::core
