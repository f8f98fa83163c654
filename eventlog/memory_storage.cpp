#include "eventlog/memory_storage.h"

#include <iterator>
#include <map>
#include <mutex>
#include <utility>
#include <variant>

#include "eventlog/append_plan.h"
#include "eventlog/keys.h"
#include "eventlog/record_codec.h"

namespace runledger::eventlog {

using RecordBytes = std::shared_ptr<const std::string>;
using RowMap = std::map<std::string, std::string, std::less<>>;

struct MemoryStorage::State {
  mutable std::mutex mutex;
  std::vector<RecordBytes> records;
  std::map<std::string, std::vector<Offset>, std::less<>> streams;
  RowMap rows;
  Offset rows_offset = 0;

  StreamIndex stream_head(std::string_view stream) const {
    const auto found = streams.find(stream);
    return found == streams.end() ? 0 : found->second.size();
  }

  void change_rows(std::span<const RowChange> changes, Offset rows_stand_for) {
    for (const auto& change : changes) {
      if (change.value) {
        rows.insert_or_assign(change.key, *change.value);
      } else {
        rows.erase(change.key);
      }
    }
    rows_offset = rows_stand_for;
  }

  std::vector<AppendResult> append(std::span<const StreamAppend> items) {
    AppendPlan plan = plan_append(items, records.size(),
                                  [this](std::string_view stream) { return stream_head(stream); });
    if (plan.conflict) return std::move(plan.results);
    for (const auto& item : items) {
      auto& stream = streams[item.stream];
      for (const auto& event : item.events) {
        std::string bytes;
        encode_record(records.size(), item.stream, stream.size(), event, Salt{}, bytes);
        stream.push_back(records.size());
        records.push_back(std::make_shared<const std::string>(std::move(bytes)));
      }
    }
    return std::move(plan.results);
  }
};

class MemoryStorage::Log final : public EventLog {
 public:
  explicit Log(State& state) : state_(state) {}

  std::vector<AppendResult> append(std::span<const StreamAppend> items) override {
    const std::lock_guard lock(state_.mutex);
    return state_.append(items);
  }

  Offset head() const override {
    const std::lock_guard lock(state_.mutex);
    return state_.records.size();
  }

  StreamIndex stream_head(std::string_view stream) const override {
    const std::lock_guard lock(state_.mutex);
    return state_.stream_head(stream);
  }

  void read(Offset from, const RecordVisitor& visit) const override {
    std::vector<RecordBytes> found;
    {
      const std::lock_guard lock(state_.mutex);
      for (Offset at = from; at < state_.records.size(); ++at) found.push_back(state_.records[at]);
    }
    show(found, visit);
  }

  void read_stream(std::string_view stream, StreamIndex from,
                   const RecordVisitor& visit) const override {
    std::vector<RecordBytes> found;
    {
      const std::lock_guard lock(state_.mutex);
      for (StreamIndex idx = from; idx < state_.stream_head(stream); ++idx) {
        found.push_back(state_.records[state_.streams.find(stream)->second[idx]]);
      }
    }
    show(found, visit);
  }

 private:
  // Outside of the lock, so that the visitor may call back.
  static void show(const std::vector<RecordBytes>& records, const RecordVisitor& visit) {
    for (const auto& bytes : records) {
      if (!visit(std::get<RecordView>(decode_record(*bytes)))) return;
    }
  }

  State& state_;
};

class MemoryStorage::Rows final : public RowStore {
  class Seeker final : public KeySeeker {
   public:
    Seeker(RowMap rows, std::string_view prefix) : rows_(std::move(rows)), prefix_(prefix) {}
    std::optional<std::string_view> at_or_before(std::string_view key) override {
      return below(rows_.upper_bound(std::string(prefix_).append(key)));
    }
    std::optional<std::string_view> before(std::string_view key) override {
      return below(rows_.lower_bound(std::string(prefix_).append(key)));
    }

   private:
    std::optional<std::string_view> below(RowMap::const_iterator row) const {
      if (row == rows_.begin()) return std::nullopt;
      return std::string_view(std::prev(row)->first).substr(prefix_.size());
    }

    RowMap rows_;
    std::string prefix_;
  };

 public:
  explicit Rows(const State& state) : state_(state) {}

  std::optional<std::string> get(std::string_view key) const override {
    const std::lock_guard lock(state_.mutex);
    const auto found = state_.rows.find(key);
    if (found == state_.rows.end()) return std::nullopt;
    return found->second;
  }

  std::vector<std::optional<std::string>> get_many(
      std::span<const std::string> keys) const override {
    std::vector<std::optional<std::string>> found;
    for (const std::string& key : keys) found.push_back(get(key));
    return found;
  }

  void scan(std::string_view prefix, std::string_view from,
            const RowVisitor& visit) const override {
    for (const auto& [key, value] : copy(prefix)) {
      if (key >= from && !visit(key, value)) return;
    }
  }

  void scan_back(std::string_view prefix, std::string_view before,
                 const RowVisitor& visit) const override {
    const RowMap rows = copy(prefix);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (!before.empty() && row->first >= before) continue;
      if (!visit(row->first, row->second)) return;
    }
  }

  std::unique_ptr<KeySeeker> seeker(std::string_view prefix) const override {
    return std::make_unique<Seeker>(copy(prefix), prefix);
  }

 private:
  RowMap copy(std::string_view prefix) const {
    const std::lock_guard lock(state_.mutex);
    const auto end = prefix_end(prefix);
    const auto last = end ? state_.rows.lower_bound(*end) : state_.rows.end();
    return {state_.rows.lower_bound(prefix), last};
  }

  const State& state_;
};

MemoryStorage::MemoryStorage()
    : state_(std::make_unique<State>()),
      log_(std::make_unique<Log>(*state_)),
      rows_(std::make_unique<Rows>(*state_)) {}
MemoryStorage::~MemoryStorage() = default;

EventLog& MemoryStorage::log() {
  return *log_;
}
const EventLog& MemoryStorage::log() const {
  return *log_;
}
const RowStore& MemoryStorage::rows() const {
  return *rows_;
}

std::vector<AppendResult> MemoryStorage::commit(std::span<const StreamAppend> items,
                                                std::span<const RowChange> rows) {
  const std::lock_guard lock(state_->mutex);
  require_rows_at_head(state_->rows_offset, state_->records.size());
  auto results = state_->append(items);
  const bool written = results.empty() || results.front().status == AppendStatus::kAppended;
  if (written) state_->change_rows(rows, state_->records.size());
  return results;
}

void MemoryStorage::commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) {
  const std::lock_guard lock(state_->mutex);
  require_rows_within_log(rows_stand_for, state_->records.size());
  state_->change_rows(rows, rows_stand_for);
}

void MemoryStorage::reset_rows() {
  const std::lock_guard lock(state_->mutex);
  state_->rows.clear();
  state_->rows_offset = 0;
}

Offset MemoryStorage::rows_offset() const {
  const std::lock_guard lock(state_->mutex);
  return state_->rows_offset;
}

}  // namespace runledger::eventlog
