#include "core/views/projection.h"

#include <algorithm>

#include "core/domain/event_codec.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"

namespace runledger::core {

void Projection::put(std::string key, std::string value) {
  rows_[std::move(key)] = std::move(value);
}

void Projection::note(const Event& event) {
  first_noted_ = std::min(first_noted_, event.offset);
  if (event.offset == 0) put(std::string(row_keys::kRowsVersionRow), std::to_string(kRowsVersion));
  if (const auto* token = std::get_if<TokenCreated>(&event.body)) {
    put(row_keys::key(row_keys::kToken, token->token_id), encode_payload(event.body));
  } else if (const auto* type = std::get_if<TaskTypeRegistered>(&event.body)) {
    put(row_keys::key(row_keys::kTaskType, type->name), encode_payload(event.body));
  } else if (!event.stream.starts_with("sys/")) {
    note_run(event);
  }
}

void Projection::note_run(const Event& event) {
  const std::string& run_id = event.stream;
  changed_runs_.insert(run_id);
  if (const auto* created = std::get_if<RunCreated>(&event.body)) {
    put(row_keys::key(row_keys::kActive, run_id), "");
    put(row_keys::by_owner(event.tenant, event.owner) + run_id, "");
    put(row_keys::by_tenant(event.tenant) + run_id, "");
    if (!created->idempotency_key.empty()) {
      const auto id = idempotency_id(event.tenant, event.owner, created->idempotency_key);
      put(row_keys::key(row_keys::kIdempotency, id),
          encode_idempotency_row({run_id, created->request_sha256, event.offset}));
    }
  } else if (const auto* resource = std::get_if<ResourceCreated>(&event.body)) {
    put(row_keys::key(row_keys::kResource, resource->resource_id), run_id);
  }
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

std::vector<eventlog::RowChange> Projection::take_rows(const State& state) {
  put_new_versions(state);
  for (const std::string& run_id : changed_runs_) {
    const RunState& run = *state.find_run(run_id);
    put(row_keys::key(row_keys::kRun, run_id), encode_run_row(run));
    if (run.ended()) rows_[row_keys::key(row_keys::kActive, run_id)] = std::nullopt;
  }
  std::vector<eventlog::RowChange> changes;
  changes.reserve(rows_.size());
  for (auto& [key, value] : rows_) changes.push_back({key, std::move(value)});
  rows_.clear();
  changed_runs_.clear();
  return changes;
}

}  // namespace runledger::core
