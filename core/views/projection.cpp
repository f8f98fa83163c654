#include "core/views/projection.h"

#include <algorithm>

#include "core/domain/event_codec.h"
#include "core/views/row_keys.h"
#include "core/views/run_parts.h"
#include "core/views/run_row.h"

namespace runledger::core {

using row_keys::key;

void Projection::put(std::string key, std::string value) {
  rows_[std::move(key)] = std::move(value);
}

void Projection::remove(std::string key) {
  rows_[std::move(key)] = std::nullopt;
}

void Projection::note(const State& state, const Event& event) {
  first_noted_ = std::min(first_noted_, event.offset);
  if (event.offset == 0) put(std::string(row_keys::kRowsVersionRow), std::to_string(kRowsVersion));
  if (event.stream.starts_with("sys/")) {
    note_system(state, event);
  } else {
    note_run(state, event);
  }
}

void Projection::note_system(const State& state, const Event& event) {
  const auto put_schedule = [&](const std::string& id) {
    put(key(row_keys::kSchedule, id), encode_schedule_row(state.schedules.at(id)));
  };
  const auto put_workflow_state = [&](const std::string& name) {
    const std::string id = workflow_id(event.tenant, name);
    put(key(row_keys::kWorkflowState, id), encode_workflow_state_row(state.workflows.at(id)));
  };
  if (const auto* token = std::get_if<TokenCreated>(&event.body)) {
    put(key(row_keys::kToken, token->token_id), encode_payload(event.body));
  } else if (const auto* type = std::get_if<TaskTypeRegistered>(&event.body)) {
    put(key(row_keys::kTaskType, type->name), encode_payload(event.body));
  } else if (const auto* defined = std::get_if<WorkflowDefined>(&event.body)) {
    put(row_keys::workflow_version(event.tenant, defined->name, defined->version),
        encode_payload(event.body));
    put_workflow_state(defined->name);
  } else if (const auto* archived = std::get_if<WorkflowArchived>(&event.body)) {
    put_workflow_state(archived->name);
  } else if (const auto* schedule = std::get_if<ScheduleDefined>(&event.body)) {
    put_schedule(schedule->schedule_id);
  } else if (const auto* fired = std::get_if<ScheduleFired>(&event.body)) {
    put_schedule(fired->schedule_id);
  } else if (const auto* deleted = std::get_if<ScheduleDeleted>(&event.body)) {
    remove(key(row_keys::kSchedule, deleted->schedule_id));
  }
}

void Projection::note_run(const State& state, const Event& event) {
  const std::string& run_id = event.stream;
  changed_runs_.insert(run_id);
  if (const auto* created = std::get_if<RunCreated>(&event.body)) {
    note_created(event, *created);
  } else if (const auto* expanded = std::get_if<TaskExpanded>(&event.body)) {
    for (const auto& item : expanded->items) put(key(row_keys::kTask, item.task_id), run_id);
  } else if (const auto* resource = std::get_if<ResourceCreated>(&event.body)) {
    put(key(row_keys::kResource, resource->resource_id), run_id);
  } else if (std::holds_alternative<TaskLeased>(event.body)) {
    put(key(row_keys::kServed, event.tenant), std::to_string(event.offset));
  }
  note_status(*state.find_run(run_id));
}

void Projection::note_status(const RunState& run) {
  const auto status_key = [&](RunStatus status) {
    return row_keys::of_tenant(row_keys::kByStatus, run.tenant, to_text(status)) + run.run_id;
  };
  if (run.status_before == run.status) return;
  if (run.status_before) remove(status_key(*run.status_before));
  put(status_key(run.status), "");
}

void Projection::note_created(const Event& event, const RunCreated& created) {
  const std::string& run_id = event.stream;
  const std::string& tenant = event.tenant;
  put(key(row_keys::kPlan, run_id), encode_plan_row(*created.plan));
  put(key(row_keys::kActive, run_id), "");
  put(row_keys::by_owner(tenant, event.owner) + run_id, "");
  put(row_keys::by_tenant(tenant) + run_id, "");
  for (const PlannedTask& task : created.tasks) put(key(row_keys::kTask, task.task_id), run_id);
  for (const StepSpec& step : created.plan->spec.steps) {
    if (step.task_type.empty()) continue;
    put(row_keys::of_tenant(row_keys::kByKind, tenant, "task/" + step.task_type) + run_id, "");
  }
  if (!created.workflow.empty()) {
    put(row_keys::of_tenant(row_keys::kByKind, tenant, "workflow/" + created.workflow) + run_id,
        "");
  }
  for (const auto& [name, value] : created.labels) {
    const std::string hash = row_keys::label_hash(name, value);
    put(row_keys::of_tenant(row_keys::kByLabel, tenant, hash) + run_id, "");
  }
  if (created.idempotency_key.empty()) return;
  const auto id = idempotency_id(tenant, event.owner, created.idempotency_key);
  put(key(row_keys::kIdempotency, id),
      encode_idempotency_row({run_id, created.request_sha256, event.offset}));
}

void Projection::put_new_versions(const State& state) {
  for (const auto& [type, versions] : state.event_versions) {
    for (const auto& [version, offset] : versions) {
      if (offset < first_noted_) continue;
      put(row_keys::event_version(type, version), std::to_string(offset));
    }
  }
  first_noted_ = kNothingNoted;
}

std::vector<eventlog::RowChange> Projection::take_rows(State& state) {
  put_new_versions(state);
  const TakeRow take = [this](std::string row_key, std::optional<std::string> value) {
    rows_[std::move(row_key)] = std::move(value);
  };
  for (const std::string& run_id : changed_runs_) {
    RunState& run = state.runs.at(run_id);
    render_run_rows(run, take);
    if (run.ended()) remove(key(row_keys::kActive, run_id));
  }
  std::vector<eventlog::RowChange> changes;
  changes.reserve(rows_.size());
  for (auto& [row_key, value] : rows_) changes.push_back({row_key, std::move(value)});
  rows_.clear();
  changed_runs_.clear();
  return changes;
}

}  // namespace runledger::core
