#include "core/base/json_reader.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

std::optional<Error> read_error(const JsonReader& in) {
  if (!in.has("error")) return std::nullopt;
  const JsonReader error = in.object("error");
  return Error{error.text("code"), error.text("message"), error.boolean("retryable")};
}

std::optional<JsonText> read_output(const JsonReader& in) {
  if (!in.has("output")) return std::nullopt;
  return JsonText{in.json("output")};
}

template <typename Status>
Status read_status(const JsonReader& in, std::optional<Status> (*from_text)(std::string_view)) {
  const auto status = from_text(in.text("status"));
  if (!status) throw JsonShapeError("status '" + in.text("status") + "' is not known");
  return *status;
}

AttemptState read_attempt(const JsonReader& in) {
  AttemptState attempt;
  attempt.number = in.natural32("number");
  attempt.status = read_status(in, attempt_status_from_text);
  attempt.lease_id = in.text("lease_id");
  attempt.worker_id = in.text("worker_id");
  attempt.worker_name = in.text("worker_name");
  attempt.plugin_version = in.text("plugin_version");
  attempt.plugin_sha256 = in.text("plugin_sha256");
  attempt.started_us = in.integer("started_us");
  attempt.ended_us = in.integer("ended_us");
  attempt.error = read_error(in);
  return attempt;
}

TaskState read_task(const JsonReader& in) {
  TaskState task;
  task.task_id = in.text("task_id");
  task.step = in.text("step");
  task.type = in.text("type");
  task.status = read_status(in, task_status_from_text);
  task.ready_offset = in.natural("ready_offset");
  task.percent = in.real("percent");
  task.message = in.text("message");
  task.charged_losses = in.natural32("charged_losses");
  task.silent_losses = in.natural32("silent_losses");
  for (const auto& item : in.array("attempts")) {
    task.attempts.push_back(read_attempt(JsonReader(item)));
  }
  task.output = read_output(in);
  task.error = read_error(in);
  return task;
}

ResourceState read_resource(const JsonReader& in) {
  ResourceState resource;
  resource.resource_id = in.text("resource_id");
  resource.task_id = in.text("task_id");
  resource.name = in.text("name");
  resource.media_type = in.text("media_type");
  resource.status = read_status(in, resource_status_from_text);
  resource.sha256 = in.text("sha256");
  resource.size = in.natural("size");
  resource.created_us = in.integer("created_us");
  resource.ended_us = in.integer("ended_us");
  return resource;
}

void read_lists(const JsonReader& in, RunState& run) {
  for (const auto& [name, value] : in.at("labels").items()) {
    if (!value.is_string()) throw JsonShapeError("label '" + name + "' is not a string");
    run.labels[name] = value.get<std::string>();
  }
  for (const auto& item : in.array("tasks")) run.tasks.push_back(read_task(JsonReader(item)));
  for (const auto& item : in.array("resources")) {
    run.resources.push_back(read_resource(JsonReader(item)));
  }
}

}  // namespace

RunState decode_run_row(std::string_view row) {
  const JsonReader in(row);
  RunState run;
  run.run_id = in.text("run_id");
  run.tenant = in.text("tenant");
  run.owner = in.text("owner");
  run.status = read_status(in, run_status_from_text);
  run.version = in.natural("version");
  run.next_idx = in.natural("next_idx");
  run.last_offset = in.natural("last_offset");
  run.created_us = in.integer("created_us");
  run.started_us = in.integer("started_us");
  run.ended_us = in.integer("ended_us");
  run.priority = static_cast<std::int32_t>(in.integer("priority"));
  read_lists(in, run);
  run.output = read_output(in);
  run.error = read_error(in);
  run.decided_by = in.text("decided_by");
  run.decision = in.text("decision");
  run.decided_us = in.integer("decided_us");
  run.decided_offset = in.natural("decided_offset");
  return run;
}

IdempotencyEntry decode_idempotency_row(std::string_view row) {
  const JsonReader in(row);
  return {in.text("run_id"), in.text("request_sha256"), in.natural("offset")};
}

}  // namespace runledger::core
