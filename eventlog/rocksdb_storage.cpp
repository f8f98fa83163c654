#include "eventlog/rocksdb_storage.h"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <chrono>
#include <mutex>

#include "eventlog/append_plan.h"
#include "eventlog/checkpoint_writer.h"
#include "eventlog/fence.h"
#include "eventlog/fence_writer.h"
#include "eventlog/keys.h"
#include "eventlog/open_check.h"
#include "eventlog/record_codec.h"
#include "eventlog/record_writer.h"
#include "eventlog/rocksdb_reader.h"
#include "eventlog/rocksdb_rows.h"
#include "eventlog/stream_heads.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

fs::path key_file(const fs::path& directory) {
  return beside_log(directory, ".key");
}

// A damaged fence is as good as none if the loss of events is accepted.
std::optional<ChainHead> readable_fence(const fs::path& file, const RocksDbOptions& options) {
  try {
    return read_fence(file);
  } catch (const LogError&) {
    if (!options.accept_data_loss) throw;
    return std::nullopt;
  }
}

// Before a new database is made in the place of one that is gone. The key is younger than the first
// database, so where there is one there was a log.
void require_not_lost(const fs::path& directory, const std::optional<ChainHead>& fence,
                      const RocksDbOptions& options) {
  if (options.accept_data_loss == Offset{0} || fs::exists(directory / "CURRENT")) return;
  if (fence && fence->head > 0) {
    throw LogError("Expected a log of at least " + std::to_string(fence->head) + " events in " +
                       directory.string() + ", as the fence file " +
                       fence_file(directory).string() +
                       " says, but there is none; restore a backup",
                   0);
  }
  const fs::path key = key_file(directory);
  if (fence || !fs::exists(key)) return;
  throw LogError("Expected a log in " + directory.string() + ", since its key " + key.string() +
                     " is there, but both the log and its fence file are gone; restore a backup, "
                     "or remove the key to begin a new log",
                 0);
}

void write_first_fence(const fs::path& file, const ChainHead& chain) {
  try {
    write_fence(file, chain);
  } catch (const std::system_error& failed) {
    throw LogIoError(fence_failure(failed));
  }
}

std::optional<ChainHead> find_fence(const fs::path& directory, const RocksDbOptions& options) {
  const auto fence = readable_fence(fence_file(directory), options);
  require_not_lost(directory, fence, options);
  return fence;
}

}  // namespace

std::int64_t system_now_us() {
  using std::chrono::duration_cast, std::chrono::microseconds, std::chrono::system_clock;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

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
  void reset_rows();
  Offset rows_offset() const { return rows_offset_.load(std::memory_order_acquire); }
  const RowStore& rows() const { return rows_; }

  void erase_payloads(std::span<const Offset> offsets);
  ChainHead chain() const;
  std::optional<Checkpoint> checkpoint() const;

 private:
  AppendPlan plan(std::span<const StreamAppend> items);
  std::vector<AppendResult> write_plan(std::span<const StreamAppend> items, AppendPlan plan,
                                       std::span<const RowChange> rows, Offset rows_stand_for);
  void put_rows(std::span<const RowChange> rows, rocksdb::WriteBatch& batch);
  bool write_position(rocksdb::WriteBatch& batch, const LogPosition& after);
  bool write(rocksdb::WriteBatch& batch);

  std::shared_ptr<FailureLatch> latch_;
  std::filesystem::path fence_file_;
  std::optional<ChainHead> fence_;  // as it was found
  Database database_;
  RocksDbReader reader_;
  RocksDbRows rows_;
  std::atomic<Offset> head_ = 0;
  std::atomic<Offset> rows_offset_ = 0;
  mutable std::mutex chain_mutex_;
  ChainHead chain_;

  // Of the committing thread alone.
  StreamHeads stream_heads_;
  RecordWriter record_writer_;
  CheckpointWriter checkpoint_writer_;

  std::unique_ptr<FenceWriter> fence_writer_;
};

RocksDbStorage::Impl::Impl(const std::filesystem::path& directory, const RocksDbOptions& options)
    : latch_(std::make_shared<FailureLatch>(options.on_failure)),
      fence_file_(fence_file(directory)),
      fence_(find_fence(directory, options)),
      database_(directory, options, Database::Mode::kReadWrite, latch_),
      reader_(database_),
      rows_(database_),
      stream_heads_(options.stream_heads_cached_max),
      record_writer_(database_, options.fill_random),
      checkpoint_writer_(
          database_, SealKey::load_or_create(key_file(directory), options.fill_random), options) {
  const CheckedTail tail = check_tail(database_, options.tail_checked_records);
  require_fence(database_, tail.chain, fence_, fence_file_, options);
  head_ = tail.position.head;
  rows_offset_ = tail.position.rows_offset;
  chain_ = tail.chain;
  if (fence_ != chain_) write_first_fence(fence_file_, chain_);
  fence_writer_ = std::make_unique<FenceWriter>(
      fence_file_, chain_,
      FenceWriter::Times{std::chrono::milliseconds(options.fence_interval_ms),
                         std::chrono::milliseconds(options.fence_pause_ms)},
      [this] { return chain(); }, latch_);
}

RocksDbStorage::Impl::~Impl() {
  fence_writer_->stop();
  if (latch_->failed()) return;
  rocksdb::WriteBatch batch;
  if (checkpoint_writer_.put_last(chain_, batch) && !write(batch)) return;
  fence_writer_->write(chain_);
  if (!latch_->failed()) database_.flush();
}

ChainHead RocksDbStorage::Impl::chain() const {
  const std::scoped_lock lock(chain_mutex_);
  return chain_;
}

std::optional<Checkpoint> RocksDbStorage::Impl::checkpoint() const {
  const ChainHead durable = chain();
  if (durable.head == 0) return std::nullopt;
  return checkpoint_writer_.sign(durable);
}

AppendPlan RocksDbStorage::Impl::plan(std::span<const StreamAppend> items) {
  return plan_append(items, head(), [this](std::string_view stream) {
    const auto cached = stream_heads_.find(stream);
    return cached ? *cached : reader_.stream_head(stream);
  });
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

bool RocksDbStorage::Impl::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = database_.db().Write(options, &batch);
  if (status.ok()) return true;
  latch_->fail(failure_text(status, "writing a commit", database_.name()));
  return false;
}

bool RocksDbStorage::Impl::write_position(rocksdb::WriteBatch& batch, const LogPosition& after) {
  batch.Put(database_.meta(), slice(kLogPositionKey), encode_position(after));
  if (!write(batch)) return false;
  head_.store(after.head, std::memory_order_release);
  rows_offset_.store(after.rows_offset, std::memory_order_release);
  return true;
}

std::vector<AppendResult> RocksDbStorage::Impl::write_plan(std::span<const StreamAppend> items,
                                                           AppendPlan plan,
                                                           std::span<const RowChange> rows,
                                                           Offset rows_stand_for) {
  rocksdb::WriteBatch batch;
  checkpoint_writer_.put_if_due(chain_, batch);
  const ChainHead after = record_writer_.put(items, plan, chain_, batch);
  put_rows(rows, batch);
  if (!write_position(batch, {.head = plan.head, .rows_offset = rows_stand_for})) {
    return unknown_results(items.size(), latch_->reason());
  }
  checkpoint_writer_.count_commit();
  {
    const std::scoped_lock lock(chain_mutex_);
    chain_ = after;
  }
  fence_writer_->note_commit();
  for (const auto& [stream, stream_head] : plan.stream_heads) {
    stream_heads_.put(stream, stream_head);
  }
  return std::move(plan.results);
}

void RocksDbStorage::Impl::erase_payloads(std::span<const Offset> offsets) {
  if (latch_->failed()) throw LogIoError(latch_->reason());
  rocksdb::WriteBatch batch;
  Sealer sealer;
  for (const Offset offset : offsets) {
    reader_.read(offset, offset + 1, [&](const RecordView& record) {
      if (record.payload_erased) return false;
      const Digest digest = sealer.payload_digest(record.sealed_payload);
      batch.Put(database_.log(), log_key(offset), encode_erased(record, digest));
      return true;
    });
  }
  if (!write(batch)) throw LogIoError(latch_->reason());
}

std::vector<AppendResult> RocksDbStorage::Impl::append(std::span<const StreamAppend> items) {
  if (latch_->failed()) return unknown_results(items.size(), latch_->reason());
  AppendPlan planned = plan(items);
  if (planned.conflict || items.empty()) return std::move(planned.results);
  return write_plan(items, std::move(planned), {}, rows_offset());
}

std::vector<AppendResult> RocksDbStorage::Impl::commit(std::span<const StreamAppend> items,
                                                       std::span<const RowChange> rows) {
  if (latch_->failed() && !items.empty()) return unknown_results(items.size(), latch_->reason());
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
  if (latch_->failed()) throw LogIoError(latch_->reason());
  rocksdb::WriteBatch batch;
  put_rows(rows, batch);
  if (!write_position(batch, {.head = head(), .rows_offset = rows_stand_for}))
    throw LogIoError(latch_->reason());
}

void RocksDbStorage::Impl::reset_rows() {
  if (latch_->failed()) throw LogIoError(latch_->reason());
  rocksdb::WriteBatch batch;
  rows_.scan_back("", "", [&](std::string_view last, std::string_view) {
    // A range has no end that lies behind every key, so the last row is deleted on its own.
    batch.DeleteRange(database_.rows(), slice(""), slice(last));
    batch.Delete(database_.rows(), slice(last));
    return false;
  });
  if (!write_position(batch, {.head = head(), .rows_offset = 0})) {
    throw LogIoError(latch_->reason());
  }
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
void RocksDbStorage::erase_payloads(std::span<const Offset> offsets) {
  impl_->erase_payloads(offsets);
}
ChainHead RocksDbStorage::chain() const {
  return impl_->chain();
}
std::optional<Checkpoint> RocksDbStorage::checkpoint() const {
  return impl_->checkpoint();
}

std::vector<AppendResult> RocksDbStorage::commit(std::span<const StreamAppend> items,
                                                 std::span<const RowChange> rows) {
  return impl_->commit(items, rows);
}

void RocksDbStorage::commit_rows(std::span<const RowChange> rows, Offset rows_stand_for) {
  impl_->commit_rows(rows, rows_stand_for);
}

void RocksDbStorage::reset_rows() {
  impl_->reset_rows();
}

}  // namespace runledger::eventlog
