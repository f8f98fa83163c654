#include "core/engine/recovery.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/engine/row_fold.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

using eventlog::LogError;
using eventlog::Offset;
using eventlog::RecordView;
using eventlog::RowStore;
using eventlog::Storage;

// Rows that another build has folded may have another form: they are deleted and folded again.
void drop_rows_of_other_builds(Storage& storage) {
  if (storage.rows_offset() == 0) return;
  const auto found = storage.rows().get(row_keys::kRowsVersionRow);
  if (found == std::to_string(kRowsVersion)) return;
  spdlog::info("the rows are of version {}, this build has {}: all {} events are folded again",
               found.value_or("0"), kRowsVersion, storage.log().head());
  storage.reset_rows();
}

// Lines about a fold, for starts that take long: every few seconds, and at its end.
class FoldLog {
 public:
  explicit FoldLog(Offset first) : first_(first) {}

  void show(Offset done, Offset total) {
    const Clock::time_point now = Clock::now();
    const bool last = done == total && done - first_ >= kEventsWorthALine;
    if (now - shown_ < kEvery && !last) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    spdlog::info("{} of {} events are folded, {:.0f}/s", done, total,
                 static_cast<double>(done - first_) / seconds);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kEvery{2};
  static constexpr Offset kEventsWorthALine = 100'000;
  Offset first_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

// First what never changes its form, so that nothing of a newer build's rows is deleted in vain.
void bring_rows_to_head(Storage& storage) {
  State known;
  load_event_versions(known, storage.rows());
  drop_rows_of_other_builds(storage);
  FoldLog log(storage.rows_offset());
  fold_tail(storage, [&](Offset done, Offset total) { log.show(done, total); });
}

template <typename Payload>
Payload decode_system_row(std::string_view payload) {
  RecordView record;
  record.type = Payload::kType;
  record.version = version_of<Payload>();
  record.payload = payload;
  return std::get<Payload>(decode_event(record).body);
}

void load_system(State& state, const Storage& storage) {
  for (std::string_view stream :
       {kAccessStream, kTaskTypesStream, kWorkersStream, kWorkflowsStream, kSchedulesStream}) {
    const auto next = storage.log().stream_head(stream);
    if (next > 0) state.system_next_idx[std::string(stream)] = next;
  }
  storage.rows().scan(row_keys::kToken, "", [&](std::string_view, std::string_view value) {
    auto token = decode_system_row<TokenCreated>(value);
    state.tokens[token.token_id] = token;
    return true;
  });
  storage.rows().scan(row_keys::kTaskType, "", [&](std::string_view, std::string_view value) {
    auto type = decode_system_row<TaskTypeRegistered>(value);
    state.task_types[type.name] = {type, 0};
    return true;
  });
}

std::string run_of(const CommandBody& body) {
  return std::visit(
      [](const auto& command) -> std::string {
        if constexpr (requires { command.lease.run_id; }) {
          return command.lease.run_id;
        } else if constexpr (requires { command.run_id; }) {
          return command.run_id;
        } else {
          return {};
        }
      },
      body);
}

void load_key(State& state, const RowStore& rows, const std::string& tenant,
              const std::string& user, const std::string& key) {
  const auto id = idempotency_id(tenant, user, key);
  if (key.empty() || state.idempotency.contains(id)) return;
  const auto row = rows.get(row_keys::key(row_keys::kIdempotency, id));
  if (row) state.idempotency[id] = decode_idempotency_row(*row);
}

// All of a batch were made together: without the first, none is there.
void load_keys(State& state, const RowStore& rows, const Command& command,
               const SubmitRuns& batch) {
  for (const SubmitRun& submit : batch.runs) {
    const std::string& key = submit.idempotency_key;
    load_key(state, rows, command.by.tenant, command.by.user, key);
    if (!state.idempotency.contains(idempotency_id(command.by.tenant, command.by.user, key)))
      return;
  }
}

}  // namespace

State recover(Storage& storage, std::size_t runs_in_memory_max,
              const std::function<void(const RunState&)>& on_active) {
  bring_rows_to_head(storage);
  State state;
  load_event_versions(state, storage.rows());
  load_system(state, storage);
  load_definitions(state, storage.rows());
  storage.rows().scan(row_keys::kActive, "", [&](std::string_view key, std::string_view) {
    const std::string run_id(key.substr(row_keys::kActive.size()));
    load_run_row(state, storage.rows(), run_id);
    if (state.find_run(run_id) == nullptr) {
      throw LogError("run " + run_id + " is listed as active, but its row is missing");
    }
    if (on_active) on_active(*state.find_run(run_id));
    if (state.runs.size() > runs_in_memory_max) state.runs.clear();
    return true;
  });
  return state;
}

std::string load_for(State& state, const RowStore& rows, const Command& command) {
  if (const auto* submit = std::get_if<SubmitRun>(&command.body)) {
    load_key(state, rows, command.by.tenant, command.by.user, submit->idempotency_key);
    return {};
  }
  if (const auto* batch = std::get_if<SubmitRuns>(&command.body)) {
    load_keys(state, rows, command, *batch);
    return {};
  }
  const std::string run_id = run_of(command.body);
  load_run_row(state, rows, run_id);
  const auto* retry = std::get_if<RetryRun>(&command.body);
  const RunState* run = retry == nullptr ? nullptr : state.find_run(run_id);
  if (run != nullptr) load_key(state, rows, run->tenant, run->owner, retry->idempotency_key);
  return run_id;
}

}  // namespace runledger::core
