#include <array>

#include "core/base/json_reader.h"
#include "core/domain/event_codec.h"

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

struct Decoder {
  std::string_view type;
  std::uint16_t version;
  EventBody (*decode)(const JsonReader&);
};

// Every (type, version) that was ever written. Never remove a line.
constexpr std::array<Decoder, 20> kDecoders{{
    {RunCreated::kType, 1, run_created},
    {RunStarted::kType, 1, empty<RunStarted>},
    {RunCancelRequested::kType, 1, empty<RunCancelRequested>},
    {RunCanceled::kType, 1, empty<RunCanceled>},
    {RunSucceeded::kType, 1, empty<RunSucceeded>},
    {RunFailed::kType, 1, run_failed},
    {TaskReady::kType, 1, task_ready},
    {TaskLeased::kType, 1, task_leased},
    {TaskProgressed::kType, 1, task_progressed},
    {TaskEmitted::kType, 1, task_emitted},
    {TaskLogged::kType, 1, task_logged},
    {TaskLeaseLost::kType, 1, task_lease_lost},
    {TaskSucceeded::kType, 1, task_succeeded},
    {TaskFailed::kType, 1, task_failed},
    {TaskCanceled::kType, 1, task_canceled},
    {ResourceCreated::kType, 1, resource_created},
    {ResourceSucceeded::kType, 1, resource_succeeded},
    {TokenCreated::kType, 1, token_created},
    {TaskTypeRegistered::kType, 1, task_type_registered},
    {WorkerRegistered::kType, 1, worker_registered},
}};
static_assert(kDecoders.size() >= std::variant_size_v<EventBody>, "an event has no decoder");

std::string place_of(const eventlog::RecordView& record) {
  return "event '" + std::string(record.type) + "' version " + std::to_string(record.version) +
         " at offset " + std::to_string(record.offset);
}

EventBody decode_body(const eventlog::RecordView& record) {
  for (const Decoder& decoder : kDecoders) {
    if (decoder.type != record.type || decoder.version != record.version) continue;
    try {
      return decoder.decode(JsonReader(record.payload));
    } catch (const JsonShapeError& wrong) {
      throw EventCodecError(place_of(record) + " is damaged: " + wrong.what());
    }
  }
  throw EventCodecError(place_of(record) +
                        " is not known to this build; start the build that wrote it");
}

}  // namespace

Event decode_event(const eventlog::RecordView& record) {
  Event event;
  event.offset = record.offset;
  event.idx = record.idx;
  event.time_us = record.time_us;
  event.stream = record.stream;
  event.tenant = record.tenant;
  event.owner = record.owner;
  event.actor = record.actor;
  event.command_id = record.command_id;
  event.body = decode_body(record);
  return event;
}

}  // namespace runledger::core
