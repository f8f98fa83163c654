#include "eventlog/import_writer.h"

#include "eventlog/keys.h"
#include "eventlog/log_position.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;
constexpr std::size_t kWriteBufferBytes = 32 * 1024 * 1024;

RocksDbOptions import_options() {
  RocksDbOptions options;
  options.write_buffer_bytes = kWriteBufferBytes;
  return options;
}

}  // namespace

ImportWriter::ImportWriter(const std::filesystem::path& log_directory)
    : options_(import_options()),
      database_(std::make_unique<Database>(log_directory, options_, Database::Mode::kReadWrite,
                                           std::make_shared<FailureLatch>(nullptr))),
      reader_(*database_),
      heads_(options_.stream_heads_cached_max) {}

StreamIndex ImportWriter::stream_head(std::string_view stream) {
  // What has not been written yet is not found in the database.
  if (const auto found = new_entries_.find(stream); found != new_entries_.end()) {
    return found->second.head();
  }
  const auto cached = heads_.find(stream);
  return cached ? *cached : reader_.stream_head(stream);
}

void ImportWriter::put_record(const RecordView& record, std::string_view bytes) {
  batch_.Put(database_->log(), log_key(record.offset), slice(bytes));
  auto found = new_entries_.find(record.stream);
  if (found == new_entries_.end()) {
    found = new_entries_.emplace(record.stream, NewEntries{record.idx, {}}).first;
  }
  found->second.offsets.push_back(record.offset);
  if (batch_.GetDataSize() >= kBatchBytes) write();
}

void ImportWriter::put_commit(const ChainHead& after, std::uint32_t events) {
  batch_.Put(database_->commits(), log_key(after.head - 1),
             encode_commit_row({events, after.hash}));
}

void ImportWriter::put_checkpoint(Offset offset, std::string_view json) {
  batch_.Put(database_->checkpoints(), log_key(offset), slice(json));
}

void ImportWriter::write() {
  for (const auto& [stream, entries] : new_entries_) {
    StreamIndex idx = entries.first;
    for (const Offset offset : entries.offsets) {
      batch_.Put(database_->streams(), stream_key(stream, idx++), stream_value(offset));
    }
    heads_.put(stream, entries.head());
  }
  new_entries_.clear();
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  require_ok(database_->db().Write(options, &batch_), "writing", database_->name());
  batch_.Clear();
}

void ImportWriter::finish(Offset head) {
  batch_.Put(database_->meta(), slice(kLogPositionKey),
             encode_position({.head = head, .rows_offset = 0}));
  write();
  database_->flush_durably();
  database_.reset();
}

}  // namespace runledger::eventlog
