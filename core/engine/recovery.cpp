#include "core/engine/recovery.h"

#include "core/base/json_reader.h"
#include "core/domain/apply.h"
#include "core/domain/event_codec.h"
#include "core/views/projection.h"
#include "core/views/row_keys.h"
#include "core/views/run_row.h"

namespace runledger::core {
namespace {

using eventlog::LogError;
using eventlog::RecordView;
using eventlog::RowChange;
using eventlog::RowStore;
using eventlog::Storage;

constexpr std::size_t kFoldEventsPerCommit = 4096;

void unload_ended(State& state, const std::set<std::string>& run_ids) {
  for (const std::string& run_id : run_ids) {
    const RunState* run = state.find_run(run_id);
    if (run != nullptr && run->ended()) unload_run(state, run_id);
  }
}

// Applies events one by one and hands out the rows that they change.
class Folder {
 public:
  explicit Folder(const RowStore* base) : base_(base) {}

  void fold(const RecordView& record) {
    const Event event = decode_event(record);
    if (base_ != nullptr && !event.stream.starts_with("sys/")) {
      load_run_row(state_, *base_, event.stream);
    }
    apply(state_, event);
    projection_.note(event);
  }
  std::vector<RowChange> take_rows() {
    const std::set<std::string> changed = projection_.changed_runs();
    auto rows = projection_.take_rows(state_);
    unload_ended(state_, changed);
    state_.idempotency.clear();
    return rows;
  }

 private:
  const RowStore* base_;
  State state_;
  Projection projection_;
};

void fold_tail(Storage& storage) {
  const auto head = storage.log().head();
  if (storage.rows_offset() > head) {
    throw LogError("the views stand for offset " + std::to_string(storage.rows_offset()) +
                   ", but the log ends before offset " + std::to_string(head));
  }
  while (storage.rows_offset() < head) {
    Folder folder(&storage.rows());
    std::size_t folded = 0;
    auto next = storage.rows_offset();
    storage.log().read(next, [&](const RecordView& record) {
      folder.fold(record);
      next = record.offset + 1;
      return ++folded < kFoldEventsPerCommit;
    });
    const auto rows = folder.take_rows();
    storage.commit_rows(rows, next);
  }
}

template <typename Payload>
Payload decode_system_row(std::string_view payload) {
  RecordView record;
  record.type = Payload::kType;
  record.version = 1;
  record.payload = payload;
  return std::get<Payload>(decode_event(record).body);
}

void load_system(State& state, const Storage& storage) {
  for (std::string_view stream : {kAccessStream, kTaskTypesStream, kWorkersStream}) {
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

}  // namespace

State recover(Storage& storage) {
  fold_tail(storage);
  State state;
  load_system(state, storage);
  storage.rows().scan(row_keys::kActive, "", [&](std::string_view key, std::string_view) {
    const std::string run_id(key.substr(row_keys::kActive.size()));
    load_run_row(state, storage.rows(), run_id);
    if (state.find_run(run_id) == nullptr) {
      throw LogError("run " + run_id + " is listed as active, but its row is missing");
    }
    return true;
  });
  return state;
}

void load_run_row(State& state, const RowStore& rows, const std::string& run_id) {
  if (run_id.empty() || state.find_run(run_id) != nullptr) return;
  const auto row = rows.get(row_keys::key(row_keys::kRun, run_id));
  if (row) load_run(state, decode_run_row(*row));
}

std::string load_for(State& state, const RowStore& rows, const Command& command) {
  const auto* submit = std::get_if<SubmitRun>(&command.body);
  if (submit == nullptr) {
    const std::string run_id = run_of(command.body);
    load_run_row(state, rows, run_id);
    return run_id;
  }
  if (submit->idempotency_key.empty()) return {};
  const auto id = idempotency_id(command.by.tenant, command.by.user, submit->idempotency_key);
  if (state.idempotency.contains(id)) return {};
  const auto row = rows.get(row_keys::key(row_keys::kIdempotency, id));
  if (row) state.idempotency[id] = decode_idempotency_row(*row);
  return {};
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
    folder.fold(record);
    if (++folded % kFoldEventsPerCommit == 0) keep();
    return true;
  });
  keep();
  return all;
}

}  // namespace runledger::core
