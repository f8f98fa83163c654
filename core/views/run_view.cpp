#include "core/views/run_view.h"

#include "core/base/json_codec.h"
#include "core/base/time_text.h"

namespace runledger::core {
namespace {

std::string time_or_null(std::int64_t time_us) {
  return time_us == 0 ? "null" : json_quoted(rfc3339(time_us));
}

std::string error_or_null(const std::optional<Error>& error) {
  return error ? json_codec::to_json(*error) : "null";
}

std::string json_or_null(const std::optional<JsonText>& json) {
  return json ? json->text : "null";
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

std::string wait_view(const std::optional<Wait>& wait) {
  if (!wait) return "null";
  return JsonWriter()
      .text("kind", to_text(wait->kind))
      .text("name", wait->name)
      .json("due_at", time_or_null(wait->due_us))
      .json("deadline", time_or_null(wait->deadline_us))
      .take();
}

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : json_quoted(text);
}

// The jobs that it has handed to others, and what is known of them.
std::string remote_view(const TaskState& task) {
  JsonArray calls;
  for (const RemoteCall& call : task.remote_calls) {
    calls.add(
        JsonWriter()
            .number("ordinal", call.ordinal)
            .text("provider", call.provider)
            .text("status", to_text(call.status))
            .text("idempotency_key", call.idempotency_key)
            .json("execute_id", text_or_null(call.execute_id))
            .json("resource_id", text_or_null(call.resource ? call.resource->resource_id : ""))
            .boolean("cancel_requested", call.cancel_requested)
            .json("since", time_or_null(call.since_us))
            .json("error", error_or_null(call.error))
            .take());
  }
  return calls.take();
}

// What a reviewer or approver has to see, and what a decision has to name.
std::string question_view(const TaskState& task) {
  if (!task.question) return "null";
  const Question& question = *task.question;
  JsonArray roles;
  for (const std::string& role : question.roles) roles.add(json_quoted(role));
  const bool review = task.status == TaskStatus::kReviewing;
  return JsonWriter()
      .text("kind", review ? "review" : "approval")
      .text("name", question.name)
      .number("round", question.round)
      .json("body", question.body.text)
      .json("validation", question.validation.text)
      .json("schema", json_or_null(question.schema))
      .text("content_sha256", question.content_sha256)
      .json("roles", roles.take())
      .json("deadline", time_or_null(question.deadline_us))
      .take();
}

std::string task_view(const RunState& run, const TaskState& task) {
  JsonArray attempts;
  for (const AttemptState& attempt : task.attempts) attempts.add(attempt_view(attempt));
  JsonWriter out;
  out.text("task_id", task.task_id)
      .text("step", task.step)
      .text("type", task.type)
      .text("status", to_text(task.status))
      .json("since", time_or_null(task.since_us))
      .real("progress", run.percent_of(task))
      .text("message", task.message)
      .json("error", error_or_null(task.error))
      .json("output", json_or_null(task.output))
      .json("waiting", wait_view(task.wait))
      .json("question", question_view(task))
      .json("remote", remote_view(task));
  if (task.item_index) {
    out.number("index", std::uint64_t{*task.item_index}).json("item", json_or_null(task.item));
  }
  if (!task.child_run_id.empty()) out.text("run_id", task.child_run_id);
  if (!task.reused_from.empty()) out.text("reused_from", task.reused_from);
  return out.json("attempts", attempts.take()).take();
}

// The step that a progress bar would name: the first that is not done.
const TaskState* current_task(const RunState& run) {
  for (const TaskState& task : run.tasks) {
    if (!is_ended(task.status) && !task.is_group) return &task;
  }
  return run.tasks.empty() ? nullptr : &run.tasks.back();
}

std::string workflow_view(const RunState& run) {
  if (run.workflow.empty()) return "null";
  return JsonWriter().text("name", run.workflow).number("version", run.workflow_version).take();
}

std::string labels_view(const RunState& run) {
  JsonWriter labels;
  for (const auto& [name, value] : run.labels) labels.text(name, value);
  return labels.take();
}

JsonWriter begin_run(const RunState& run) {
  const TaskState* current = current_task(run);
  const auto pause_reason = run.pause_reason();
  JsonWriter out;
  out.text("run_id", run.run_id)
      .text("status", to_text(run.status))
      .number("version", run.version)
      .number("offset", run.last_offset)
      .text("tenant", run.tenant)
      .text("user", run.owner)
      .json("workflow", workflow_view(run))
      .text("task", run.tasks.size() == 1 ? run.tasks.front().type : "")
      .json("labels", labels_view(run))
      .number("priority", std::int64_t{run.priority})
      .real("progress", run.percent())
      .text("step", current == nullptr ? "" : current->step)
      .text("message", current == nullptr ? "" : current->message)
      .json("pause_reason", pause_reason ? json_quoted(to_text(*pause_reason)) : "null")
      .json("created_at", time_or_null(run.created_us))
      .json("start_at", time_or_null(run.start_at_us))
      .json("started_at", time_or_null(run.started_us))
      .json("ended_at", time_or_null(run.ended_us))
      .json("error", error_or_null(run.error));
  return out;
}

std::string decided_view(const std::optional<Decided>& decided) {
  if (!decided) return "null";
  return JsonWriter()
      .text("by", decided->by)
      .text("decision", decided->decision)
      .json("at", time_or_null(decided->time_us))
      .number("offset", decided->offset)
      .take();
}

std::string parent_view(const RunState& run) {
  return run.parent ? json_codec::to_json(*run.parent) : "null";
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
      .json("execute_id", text_or_null(resource.execute_id))
      .json("url",
            there ? json_quoted("/v1/resources/" + resource.resource_id + "/content") : "null")
      .text("task_id", resource.task_id)
      .text("task_type", resource.task_type)
      .json("error", error_or_null(resource.error))
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
  for (const TaskState& task : run.tasks) tasks.add(task_view(run, task));
  JsonArray resources;
  for (const ResourceState& resource : run.resources) {
    resources.add(begin_resource(resource).take());
  }
  return begin_run(run)
      .json("decided", decided_view(run.decided))
      .json("parent", parent_view(run))
      .json("retry_of", run.retry_of.empty() ? "null" : json_quoted(run.retry_of))
      .json("output", json_or_null(run.output))
      .json("tasks", tasks.take())
      .json("resources", resources.take())
      .take();
}

std::string render_run_summary(const RunState& run) {
  return begin_run(run).take();
}

std::string render_task(const RunState& run, const TaskState& task) {
  std::string text = task_view(run, task);
  text.pop_back();
  text.append(R"(,"run":{"run_id":)").append(json_quoted(run.run_id));
  text.append(R"(,"status":)").append(json_quoted(to_text(run.status)));
  text.append(R"(,"version":)").append(std::to_string(run.version)).append("}}");
  return text;
}

std::string render_resource(const RunState& run, const ResourceState& resource) {
  return begin_resource(resource)
      .text("run_id", run.run_id)
      .json("labels", labels_view(run))
      .take();
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
