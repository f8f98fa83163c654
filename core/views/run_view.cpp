#include "core/views/run_view.h"

#include "core/base/time_text.h"
#include "core/domain/json_writer.h"

namespace runledger::core {
namespace {

std::string time_or_null(std::int64_t time_us) {
  return time_us == 0 ? "null" : json_quoted(rfc3339(time_us));
}

std::string error_or_null(const std::optional<Error>& error) {
  return error ? error_json(*error) : "null";
}

std::string attempt_view(const AttemptState& attempt) {
  return JsonWriter()
      .number("attempt", attempt.number)
      .text("status", to_text(attempt.status))
      .text("worker_id", attempt.worker_id)
      .text("worker", attempt.worker_name)
      .text("plugin_version", attempt.plugin_version)
      .text("plugin_sha256", attempt.plugin_sha256)
      .json("started_at", time_or_null(attempt.started_us))
      .json("ended_at", time_or_null(attempt.ended_us))
      .json("error", error_or_null(attempt.error))
      .take();
}

std::string task_view(const TaskState& task) {
  JsonArray attempts;
  for (const AttemptState& attempt : task.attempts) attempts.add(attempt_view(attempt));
  return JsonWriter()
      .text("task_id", task.task_id)
      .text("step", task.step)
      .text("type", task.type)
      .text("status", to_text(task.status))
      .real("progress", task.percent)
      .text("message", task.message)
      .json("error", error_or_null(task.error))
      .json("output", task.output ? task.output->text : "null")
      .json("attempts", attempts.take())
      .take();
}

// The step that a progress bar would name: the first that is not done.
const TaskState* current_task(const RunState& run) {
  for (const TaskState& task : run.tasks) {
    if (task.status != TaskStatus::kSucceeded) return &task;
  }
  return run.tasks.empty() ? nullptr : &run.tasks.back();
}

JsonWriter begin_run(const RunState& run) {
  JsonWriter labels;
  for (const auto& [name, value] : run.labels) labels.text(name, value);
  const TaskState* current = current_task(run);
  JsonWriter out;
  out.text("run_id", run.run_id)
      .text("status", to_text(run.status))
      .number("version", run.version)
      .number("offset", run.last_offset)
      .text("tenant", run.tenant)
      .text("user", run.owner)
      .text("task", run.tasks.size() == 1 ? run.tasks.front().type : "")
      .json("labels", labels.take())
      .number("priority", std::int64_t{run.priority})
      .real("progress", run.percent())
      .text("step", current == nullptr ? "" : current->step)
      .text("message", current == nullptr ? "" : current->message)
      .json("created_at", time_or_null(run.created_us))
      .json("started_at", time_or_null(run.started_us))
      .json("ended_at", time_or_null(run.ended_us))
      .json("error", error_or_null(run.error));
  return out;
}

JsonWriter begin_resource(const ResourceState& resource) {
  const bool there = resource.status == ResourceStatus::kSucceeded;
  JsonWriter out;
  out.text("resource_id", resource.resource_id)
      .text("status", to_text(resource.status))
      .text("name", resource.name)
      .text("media_type", resource.media_type)
      .number("size", resource.size)
      .text("sha256", resource.sha256)
      .json("execute_id", "null")
      .json("url",
            there ? json_quoted("/v1/resources/" + resource.resource_id + "/content") : "null")
      .text("task_id", resource.task_id)
      .json("created_at", time_or_null(resource.created_us))
      .json("ended_at", time_or_null(resource.ended_us));
  return out;
}

void append_event_members(std::string& out, const eventlog::RecordView& record) {
  out.append(R"(,"offset":)").append(std::to_string(record.offset));
  out.append(R"(,"type":)");
  append_json_quoted(out, record.type);
  out.append(R"(,"time":")").append(rfc3339(record.time_us)).append(R"(","actor":)");
  append_json_quoted(out, record.actor);
  const std::string_view data = record.payload_erased ? "null" : record.payload;
  out.append(R"(,"data":)").append(data).append("}");
}

}  // namespace

std::string render_run(const RunState& run) {
  JsonArray tasks;
  for (const TaskState& task : run.tasks) tasks.add(task_view(task));
  JsonArray resources;
  for (const ResourceState& resource : run.resources) {
    resources.add(begin_resource(resource).take());
  }
  return begin_run(run)
      .json("output", run.output ? run.output->text : "null")
      .json("tasks", tasks.take())
      .json("resources", resources.take())
      .take();
}

std::string render_run_summary(const RunState& run) {
  return begin_run(run).take();
}

std::string render_resource(const RunState& run, const ResourceState& resource) {
  JsonWriter labels;
  for (const auto& [name, value] : run.labels) labels.text(name, value);
  return begin_resource(resource).text("run_id", run.run_id).json("labels", labels.take()).take();
}

void append_run_event(std::string& out, const eventlog::RecordView& record) {
  out.append(R"({"idx":)").append(std::to_string(record.idx));
  append_event_members(out, record);
}

void append_feed_event(std::string& out, const eventlog::RecordView& record) {
  out.append(R"({"stream":)");
  append_json_quoted(out, record.stream);
  out.append(R"(,"idx":)").append(std::to_string(record.idx));
  append_event_members(out, record);
}

}  // namespace runledger::core
