#include "core/engine/row_fold.h"

#include <charconv>

#include "core/base/json_reader.h"
#include "core/domain/apply.h"
#include "core/domain/event_registry.h"
#include "core/engine/event_feed.h"
#include "core/views/row_keys.h"
#include "core/views/run_parts.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

using eventlog::LogError;
using eventlog::Offset;
using eventlog::RecordView;
using eventlog::RowChange;
using eventlog::RowStore;
using eventlog::Storage;

// A commit's rows are in memory, so both are limited.
constexpr std::size_t kFoldEventsPerCommit = 16'384;
constexpr std::size_t kFoldBytesPerCommit = 32 * 1024 * 1024;

template <typename Number>
Number number_in_row(std::string_view text) {
  Number number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec == std::errc() && end.ptr == text.data() + text.size()) return number;
  throw JsonShapeError("'" + std::string(text) + "' in a row of event versions is not a number");
}

std::string latest_version_key(const std::string& workflow_id, std::uint32_t version) {
  const std::size_t slash = workflow_id.find('/');
  return row_keys::workflow_version(workflow_id.substr(0, slash), workflow_id.substr(slash + 1),
                                    version);
}

}  // namespace

Folder::Folder(const RowStore* base, std::size_t runs_max) : base_(base), runs_max_(runs_max) {
  if (base_ == nullptr) return;
  load_event_versions(state_, *base_);
  load_definitions(state_, *base_);
}

void Folder::fold(const Event& event) {
  // A stream begins with the event that creates the run.
  if (base_ != nullptr && event.idx > 0 && !event.stream.starts_with("sys/")) {
    load_run_row(state_, *base_, event.stream);
  }
  apply(state_, event);
  projection_.note(state_, event);
}

std::vector<RowChange> Folder::take_rows() {
  const std::set<std::string> changed = projection_.changed_runs();
  auto rows = projection_.take_rows(state_);
  unload(changed);
  state_.idempotency.clear();
  return rows;
}

void Folder::unload(const std::set<std::string>& changed_runs) {
  if (base_ != nullptr && state_.runs.size() > runs_max_) {
    state_.runs.clear();
    return;
  }
  for (const std::string& run_id : changed_runs) {
    const RunState* run = state_.find_run(run_id);
    if (run != nullptr && run->ended()) evict_run(state_, run_id);
  }
}

void fold_range(const eventlog::EventLog& log, Offset from, Offset to, const RowStore& base,
                const CommitRows& commit, const FoldProgress& on_progress) {
  Folder folder(&base);
  std::size_t folded = 0;
  std::size_t bytes = 0;
  const auto commit_up_to = [&](Offset next) {
    commit(folder.take_rows(), next);
    on_progress(next, to);
    folded = 0;
    bytes = 0;
  };
  feed_events(log, from, to, [&](const Event& event, std::size_t payload_bytes) {
    folder.fold(event);
    bytes += payload_bytes;
    if (++folded == kFoldEventsPerCommit || bytes >= kFoldBytesPerCommit) {
      commit_up_to(event.offset + 1);
    }
  });
  if (folded > 0) commit_up_to(to);
}

void fold_tail(Storage& storage, const FoldProgress& on_progress) {
  const auto head = storage.log().head();
  if (storage.rows_offset() > head) {
    throw LogError("the views stand for offset " + std::to_string(storage.rows_offset()) +
                   ", but the log ends before offset " + std::to_string(head));
  }
  fold_range(
      storage.log(), storage.rows_offset(), head, storage.rows(),
      [&](std::span<const RowChange> rows, Offset next) { storage.commit_rows(rows, next); },
      on_progress);
}

std::map<std::string, std::string> fold_rows(const eventlog::EventLog& log) {
  std::map<std::string, std::string> all;
  Folder folder(nullptr);
  const auto keep = [&] {
    for (RowChange& change : folder.take_rows()) {
      if (change.value) {
        all[change.key] = std::move(*change.value);
      } else {
        all.erase(change.key);
      }
    }
  };
  std::size_t folded = 0;
  log.read(0, [&](const RecordView& record) {
    folder.fold(decode_event(record));
    if (++folded % kFoldEventsPerCommit == 0) keep();
    return true;
  });
  keep();
  return all;
}

void load_run_row(State& state, const RowStore& rows, const std::string& run_id) {
  if (run_id.empty() || state.find_run(run_id) != nullptr) return;
  const auto row = rows.get(row_keys::key(row_keys::kRun, run_id));
  if (!row) return;
  RunState run = read_run(rows, *row, RunDetail::kAll);
  const auto plan = rows.get(row_keys::key(row_keys::kPlan, run_id));
  if (!plan) throw LogError("the plan of run " + run_id + " is missing");
  run.plan = std::make_shared<const RunPlan>(decode_plan_row(*plan));
  load_run(state, std::move(run));
}

void load_definitions(State& state, const RowStore& rows) {
  rows.scan(row_keys::kSchedule, "", [&](std::string_view, std::string_view value) {
    auto schedule = decode_schedule_row(value);
    state.schedules[schedule.defined.schedule_id] = std::move(schedule);
    return true;
  });
  rows.scan(row_keys::kServed, "", [&](std::string_view key, std::string_view value) {
    state.tenant_served[std::string(key.substr(row_keys::kServed.size()))] =
        number_in_row<std::uint64_t>(value);
    return true;
  });
  rows.scan(row_keys::kWorkflowState, "", [&](std::string_view key, std::string_view value) {
    const std::string id(key.substr(row_keys::kWorkflowState.size()));
    WorkflowState& workflow = state.workflows[id];
    decode_workflow_state_row(value, workflow);
    const auto latest = rows.get(latest_version_key(id, workflow.version));
    if (!latest) throw LogError("the row of workflow " + id + " is missing");
    workflow.spec = std::make_shared<const WorkflowSpec>(decode_workflow_spec(*latest));
    workflow.description = decode_workflow_description(*latest);
    return true;
  });
}

void load_event_versions(State& state, const RowStore& rows) {
  rows.scan(row_keys::kEventVersion, "", [&](std::string_view key, std::string_view value) {
    const std::string_view name = key.substr(row_keys::kEventVersion.size());
    const std::size_t slash = std::min(name.rfind('/'), name.size());
    const std::string type(name.substr(0, slash));
    const auto version =
        number_in_row<std::uint16_t>(name.substr(std::min(slash + 1, name.size())));
    if (!event_registry().knows(type, version)) {
      throw unknown_event(type, version, "first at offset " + std::string(value));
    }
    state.event_versions[type][version] = number_in_row<std::uint64_t>(value);
    return true;
  });
}

}  // namespace runledger::core
