#include "core/views/run_row.h"

#include <algorithm>

#include "core/base/json_codec.h"
#include "core/domain/decide.h"
#include "core/views/run_view.h"

namespace runledger::core {
namespace {

// The third line may have line breaks of its own: those of texts that it carries.
std::string_view line_of(std::string_view run_row, std::size_t begin) {
  const auto end = run_row.find('\n', begin);
  if (end == std::string_view::npos) throw JsonShapeError("a run's row has not three lines");
  return run_row.substr(begin, end - begin);
}

// The type of one of its steps. A step that starts a workflow has none.
bool has_task_of(const std::string& type, const JsonReader& summary, std::string_view run_row) {
  if (type.starts_with("workflow/")) return false;
  const std::string only_one = summary.text("task");
  if (!only_one.empty()) return only_one == type;
  const auto tasks = decode_run_row(run_row).tasks;
  return std::any_of(tasks.begin(), tasks.end(),
                     [&](const TaskState& task) { return task.type == type; });
}

}  // namespace

std::string encode_run_row(const RunState& run, std::string_view parts) {
  std::string row = render_run_summary(run);
  row.append("\n").append(parts).append("\n");
  json_codec::write(row, run);
  return row;
}

std::string_view summary_in(std::string_view run_row) {
  return line_of(run_row, 0);
}

std::string_view parts_in(std::string_view run_row) {
  return line_of(run_row, summary_in(run_row).size() + 1);
}

bool fits(const Principal& who, const RunFilter& filter, std::string_view run_row) {
  const JsonReader summary(summary_in(run_row));
  if (!sees(who, summary.text("tenant"), summary.text("user"))) return false;
  const auto& statuses = filter.statuses;
  RunStatus status{};
  if (!from_text(summary.text("status"), status)) throw JsonShapeError("a run has no status");
  if (!statuses.empty() && std::find(statuses.begin(), statuses.end(), status) == statuses.end()) {
    return false;
  }
  if (!filter.workflow.empty()) {
    const bool has_one = summary.json("workflow") != "null";
    if (!has_one || summary.object("workflow").text("name") != filter.workflow) return false;
  }
  const JsonReader labels = summary.object("labels");
  for (const auto& [name, value] : filter.labels) {
    if (!labels.has(name.c_str()) || labels.text(name.c_str()) != value) return false;
  }
  return filter.task_type.empty() || has_task_of(filter.task_type, summary, run_row);
}

RunState decode_run_row(std::string_view row) {
  const std::size_t before = summary_in(row).size() + parts_in(row).size() + 2;
  return json_codec::from_json<RunState>(row.substr(before));
}

std::string encode_plan_row(const RunPlan& plan) {
  return JsonWriter()
      .json("spec", to_json(plan.spec))
      .json("input", plan.input.text)
      .json("session", plan.session.text)
      .take();
}

RunPlan decode_plan_row(std::string_view row) {
  const JsonReader in(row);
  auto spec = parse_stored_spec(in.json("spec"));
  if (auto* parsed = std::get_if<WorkflowSpec>(&spec)) {
    return {std::move(*parsed), {in.json("input")}, {in.json("session")}};
  }
  throw JsonShapeError("the spec of a plan cannot be read");
}

std::string encode_idempotency_row(const IdempotencyEntry& entry) {
  return json_codec::to_json(entry);
}

IdempotencyEntry decode_idempotency_row(std::string_view row) {
  return json_codec::from_json<IdempotencyEntry>(row);
}

std::string encode_workflow_state_row(const WorkflowState& workflow) {
  return JsonWriter()
      .number("version", workflow.version)
      .boolean("archived", workflow.archived)
      .number("offset", workflow.offset)
      .take();
}

void decode_workflow_state_row(std::string_view row, WorkflowState& workflow) {
  const JsonReader in(row);
  workflow.version = in.natural32("version");
  workflow.archived = in.boolean("archived");
  workflow.offset = in.natural("offset");
}

WorkflowSpec decode_workflow_spec(std::string_view row) {
  auto spec = parse_stored_spec(json_codec::from_json<WorkflowDefined>(row).spec.text);
  if (auto* parsed = std::get_if<WorkflowSpec>(&spec)) return std::move(*parsed);
  throw JsonShapeError("the spec of a workflow cannot be read");
}

std::string decode_workflow_description(std::string_view row) {
  return json_codec::from_json<WorkflowDefined>(row).description;
}

std::string encode_schedule_row(const ScheduleState& schedule) {
  return JsonWriter()
      .json("defined", json_codec::to_json(schedule.defined))
      .text("tenant", schedule.tenant)
      .text("owner", schedule.owner)
      .number("next_us", schedule.next_us)
      .number("caught_up", std::uint64_t{schedule.caught_up})
      .take();
}

ScheduleState decode_schedule_row(std::string_view row) {
  const JsonReader in(row);
  ScheduleState schedule;
  json_codec::read(in.at("defined"), schedule.defined);
  schedule.tenant = in.text("tenant");
  schedule.owner = in.text("owner");
  schedule.next_us = in.integer("next_us");
  schedule.caught_up = in.natural32("caught_up");
  return schedule;
}

}  // namespace runledger::core
