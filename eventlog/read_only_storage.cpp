#include <stdexcept>

#include "eventlog/fence.h"
#include "eventlog/open_check.h"
#include "eventlog/read_only_database.h"
#include "eventlog/rocksdb_reader.h"
#include "eventlog/rocksdb_rows.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_write() {
  throw std::logic_error("Expected no writes to a log that was opened for reading");
}

class ReadOnlyLog final : public EventLog {
 public:
  ReadOnlyLog(const Database& database, Offset head) : reader_(database), head_(head) {}

  std::vector<AppendResult> append(std::span<const StreamAppend>) override { refuse_write(); }
  Offset head() const override { return head_; }
  StreamIndex stream_head(std::string_view stream) const override {
    return reader_.stream_head(stream);
  }
  void read(Offset from, const RecordVisitor& visit) const override {
    reader_.read(from, head_, visit);
  }
  void read_stream(std::string_view stream, StreamIndex from,
                   const RecordVisitor& visit) const override {
    reader_.read_stream(stream, from, head_, visit);
  }

 private:
  RocksDbReader reader_;
  Offset head_;
};

class ReadOnlyStorage final : public Storage {
 public:
  ReadOnlyStorage(std::unique_ptr<Database> database, const LogPosition& position)
      : database_(std::move(database)),
        position_(position),
        log_(*database_, position.head),
        rows_(*database_) {}

  EventLog& log() override { return log_; }
  const EventLog& log() const override { return log_; }
  const RowStore& rows() const override { return rows_; }
  std::vector<AppendResult> commit(std::span<const StreamAppend>,
                                   std::span<const RowChange>) override {
    refuse_write();
  }
  void commit_rows(std::span<const RowChange>, Offset) override { refuse_write(); }
  void reset_rows() override { refuse_write(); }
  Offset rows_offset() const override { return position_.rows_offset; }

 private:
  std::unique_ptr<Database> database_;
  LogPosition position_;
  ReadOnlyLog log_;
  RocksDbRows rows_;
};

}  // namespace

std::unique_ptr<const Storage> open_read_only(const fs::path& directory,
                                              const RocksDbOptions& options) {
  // The fence first: what it says was durable before the database was read. A copy may have none.
  const auto fence = read_fence(fence_file(directory));
  auto database = open_stable(directory, options);
  const CheckedTail tail = check_tail(*database, options.tail_checked_records);
  if (fence) require_fence(*database, tail.chain, fence, fence_file(directory), options);
  return std::make_unique<const ReadOnlyStorage>(std::move(database), tail.position);
}

}  // namespace runledger::eventlog
