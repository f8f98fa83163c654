#include "eventlog/rocksdb_storage.h"

#include <rocksdb/write_batch.h>

#include <atomic>

#include "eventlog/append_plan.h"
#include "eventlog/keys.h"
#include "eventlog/open_check.h"
#include "eventlog/record_codec.h"
#include "eventlog/rocksdb_reader.h"
#include "eventlog/rocksdb_rows.h"
#include "eventlog/stream_heads.h"

namespace runledger::eventlog {

// The log of the storage, and the writing of all of it.
class RocksDbStorage::Impl final : public EventLog {
 public:
  Impl(const std::filesystem::path& directory, const RocksDbOptions& options);
  ~Impl() override;

  std::vector<AppendResult> append(std::span<const StreamAppend> items) override;
  Offset head() const override { return head_.load(std::memory_order_acquire); }
  StreamIndex stream_head(std::string_view stream) const override {
    return reader_.stream_head(stream);
  }
  void read(Offset from, const RecordVisitor& visit) const override {
    reader_.read(from, head(), visit);
  }
  void read_stream(std::string_view stream, StreamIndex from,
                   const RecordVisitor& visit) const override {
    reader_.read_stream(stream, from, head(), visit);
  }

  std::vector<AppendResult> commit(std::span<const StreamAppend> items,
                                   std::span<const RowChange> rows);
  void commit_rows(std::span<const RowChange> rows, Offset rows_stand_for);
  Offset rows_offset() const { return rows_offset_.load(std::memory_order_acquire); }
  const RowStore& rows() const { return rows_; }

 private:
  AppendPlan plan(std::span<const StreamAppend> items);
  std::vector<AppendResult> write_plan(std::span<const StreamAppend> items, AppendPlan plan,
                                       std::span<const RowChange> rows, Offset rows_stand_for);
  void put_records(std::span<const StreamAppend> items, const AppendPlan& plan,
                   rocksdb::WriteBatch& batch);
  void put_rows(std::span<const RowChange> rows, rocksdb::WriteBatch& batch);
  bool write(rocksdb::WriteBatch& batch, const LogPosition& after);

  Database database_;
  RocksDbReader reader_;
  RocksDbRows rows_;
  std::atomic<Offset> head_ = 0;
  std::atomic<Offset> rows_offset_ = 0;

  // Of the committing thread alone.
  StreamHeads stream_heads_;
  std::string record_bytes_;
  std::string failure_;  // of the first write that failed; nothing is written after it
};

RocksDbStorage::Impl::Impl(const std::filesystem::path& directory, const RocksDbOptions& options)
    : database_(directory, options, Database::Mode::kReadWrite),
      reader_(database_),
      rows_(database_),
      stream_heads_(options.stream_heads_cached_max) {
  const LogPosition position = check_tail(database_, options.tail_checked_records);
  head_ = position.head;
  rows_offset_ = position.rows_offset;
}

RocksDbStorage::Impl::~Impl() {
  if (failure_.empty()) database_.flush();
}

AppendPlan RocksDbStorage::Impl::plan(std::span<const StreamAppend> items) {
  return plan_append(items, head(), [this](std::string_view stream) {
    const auto cached = stream_heads_.find(stream);
    return cached ? *cached : reader_.stream_head(stream);
  });
}

void RocksDbStorage::Impl::put_records(std::span<const StreamAppend> items, const AppendPlan& plan,
                                       rocksdb::WriteBatch& batch) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    Offset offset = plan.results[i].first_offset;
    StreamIndex idx = items[i].expected_idx;
    for (const auto& event : items[i].events) {
      record_bytes_.clear();
      encode_record(offset, items[i].stream, idx, event, record_bytes_);
      batch.Put(database_.log(), log_key(offset), record_bytes_);
      batch.Put(database_.streams(), stream_key(items[i].stream, idx), stream_value(offset));
      ++offset;
      ++idx;
    }
  }
}

void RocksDbStorage::Impl::put_rows(std::span<const RowChange> rows, rocksdb::WriteBatch& batch) {
  for (const auto& row : rows) {
    if (row.value) {
      batch.Put(database_.rows(), row.key, *row.value);
    } else {
      batch.Delete(database_.rows(), row.key);
    }
  }
}

bool RocksDbStorage::Impl::write(rocksdb::WriteBatch& batch, const LogPosition& after) {
  batch.Put(database_.meta(), slice(kLogPositionKey), encode_position(after));
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = database_.db().Write(options, &batch);
  if (!status.ok()) {
    failure_ = "Writing the log in " + database_.name() + " failed: " + status.ToString();
    return false;
  }
  head_.store(after.head, std::memory_order_release);
  rows_offset_.store(after.rows_offset, std::memory_order_release);
  return true;
}

std::vector<AppendResult> RocksDbStorage::Impl::write_plan(std::span<const StreamAppend> items,
                                                           AppendPlan plan,
                                                           std::span<const RowChange> rows,
                                                           Offset rows_stand_for) {
  rocksdb::WriteBatch batch;
  put_records(items, plan, batch);
  put_rows(rows, batch);
  if (!write(batch, {.head = plan.head, .rows_offset = rows_stand_for})) {
    return unknown_results(items.size(), failure_);
  }
  for (const auto& [stream, stream_head] : plan.stream_heads) {
    stream_heads_.put(stream, stream_head);
  }
  return std::move(plan.results);
}

std::vector<AppendResult> RocksDbStorage::Impl::append(std::span<const StreamAppend> items) {
  if (!failure_.empty()) return unknown_results(items.size(), failure_);
  AppendPlan planned = plan(items);
  if (planned.conflict || items.empty()) return std::move(planned.results);
  return write_plan(items, std::move(planned), {}, rows_offset());
}

std::vector<AppendResult> RocksDbStorage::Impl::commit(std::span<const StreamAppend> items,
                                                       std::span<const RowChange> rows) {
  if (!failure_.empty() && !items.empty()) return unknown_results(items.size(), failure_);
  require_rows_at_head(rows_offset(), head());
  if (items.empty()) {
    // There is no item whose result could say kUnknown, so a failure throws.
    if (!rows.empty()) commit_rows(rows, head());
    return {};
  }
  AppendPlan planned = plan(items);
  if (planned.conflict) return std::move(planned.results);
  const Offset after = planned.head;
  return write_plan(items, std::move(planned), rows, after);
}

void RocksDbStorage::Impl::commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) {
  require_rows_within_log(rows_stand_for, head());
  if (!failure_.empty()) throw LogError(failure_);
  rocksdb::WriteBatch batch;
  put_rows(rows, batch);
  if (!write(batch, {.head = head(), .rows_offset = rows_stand_for})) throw LogError(failure_);
}

RocksDbStorage::RocksDbStorage(const std::filesystem::path& directory,
                               const RocksDbOptions& options)
    : impl_(std::make_unique<Impl>(directory, options)) {}
RocksDbStorage::~RocksDbStorage() = default;

EventLog& RocksDbStorage::log() {
  return *impl_;
}
const EventLog& RocksDbStorage::log() const {
  return *impl_;
}
const RowStore& RocksDbStorage::rows() const {
  return impl_->rows();
}
Offset RocksDbStorage::rows_offset() const {
  return impl_->rows_offset();
}

std::vector<AppendResult> RocksDbStorage::commit(std::span<const StreamAppend> items,
                                                 std::span<const RowChange> rows) {
  return impl_->commit(items, rows);
}

void RocksDbStorage::commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) {
  impl_->commit_rows(rows, rows_stand_for);
}

}  // namespace runledger::eventlog
