#include "core/domain/json_writer.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

void add_error(JsonWriter& out, const std::optional<Error>& error) {
  if (error) out.json("error", error_json(*error));
}

std::string attempt_json(const AttemptState& attempt) {
  JsonWriter out;
  out.number("number", attempt.number)
      .text("status", to_text(attempt.status))
      .text("lease_id", attempt.lease_id)
      .text("worker_id", attempt.worker_id)
      .text("worker_name", attempt.worker_name)
      .text("plugin_version", attempt.plugin_version)
      .text("plugin_sha256", attempt.plugin_sha256)
      .number("started_us", attempt.started_us)
      .number("ended_us", attempt.ended_us);
  add_error(out, attempt.error);
  return out.take();
}

std::string task_json(const TaskState& task) {
  JsonArray attempts;
  for (const AttemptState& attempt : task.attempts) attempts.add(attempt_json(attempt));
  JsonWriter out;
  out.text("task_id", task.task_id)
      .text("step", task.step)
      .text("type", task.type)
      .text("status", to_text(task.status))
      .number("ready_offset", task.ready_offset)
      .real("percent", task.percent)
      .text("message", task.message)
      .number("charged_losses", task.charged_losses)
      .number("silent_losses", task.silent_losses)
      .json("attempts", attempts.take());
  if (task.output) out.json("output", task.output->text);
  add_error(out, task.error);
  return out.take();
}

std::string resource_json(const ResourceState& resource) {
  return JsonWriter()
      .text("resource_id", resource.resource_id)
      .text("task_id", resource.task_id)
      .text("name", resource.name)
      .text("media_type", resource.media_type)
      .text("status", to_text(resource.status))
      .text("sha256", resource.sha256)
      .number("size", resource.size)
      .number("created_us", resource.created_us)
      .number("ended_us", resource.ended_us)
      .take();
}

}  // namespace

std::string encode_run_row(const RunState& run) {
  JsonWriter labels;
  for (const auto& [name, value] : run.labels) labels.text(name, value);
  JsonArray tasks;
  for (const TaskState& task : run.tasks) tasks.add(task_json(task));
  JsonArray resources;
  for (const ResourceState& resource : run.resources) resources.add(resource_json(resource));
  JsonWriter out;
  out.text("run_id", run.run_id)
      .text("tenant", run.tenant)
      .text("owner", run.owner)
      .text("status", to_text(run.status))
      .number("version", run.version)
      .number("next_idx", run.next_idx)
      .number("last_offset", run.last_offset)
      .number("created_us", run.created_us)
      .number("started_us", run.started_us)
      .number("ended_us", run.ended_us)
      .number("priority", std::int64_t{run.priority})
      .json("labels", labels.take())
      .json("tasks", tasks.take())
      .json("resources", resources.take())
      .text("decided_by", run.decided_by)
      .text("decision", run.decision)
      .number("decided_us", run.decided_us)
      .number("decided_offset", run.decided_offset);
  if (run.output) out.json("output", run.output->text);
  add_error(out, run.error);
  return out.take();
}

std::string encode_idempotency_row(const IdempotencyEntry& entry) {
  return JsonWriter()
      .text("run_id", entry.run_id)
      .text("request_sha256", entry.request_sha256)
      .number("offset", entry.offset)
      .take();
}

}  // namespace runledger::core
