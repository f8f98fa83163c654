#include "eventlog/rocksdb_reader.h"

#include <variant>

#include "eventlog/keys.h"
#include "eventlog/record_batch.h"
#include "eventlog/record_codec.h"
#include "eventlog/stream_entries.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kReadAheadBytes = 256 * 1024;
// Some readers want the first entry alone.
constexpr std::size_t kFirstBatchRecords = 1;

std::string at_offset(Offset offset) {
  return "offset " + std::to_string(offset);
}

std::string entry_name(std::string_view stream, StreamIndex idx) {
  return "entry " + std::to_string(idx) + " of stream " + std::string(stream);
}

}  // namespace

std::string RocksDbReader::place(std::string_view part) const {
  return database_.name() + ", " + std::string(part);
}

RecordView RocksDbReader::checked(Offset offset, std::string_view bytes) const {
  const auto decoded = decode_record(bytes);
  if (const auto* fault = std::get_if<RecordFault>(&decoded)) {
    throw LogError("Log in " + place("log") + ": the record at " + at_offset(offset) +
                       " is damaged: " + std::string(describe(*fault)),
                   offset);
  }
  const auto& record = std::get<RecordView>(decoded);
  if (record.offset != offset) {
    throw LogError("Log in " + place("log") + ": the record at " + at_offset(offset) +
                       " says that it is the one at " + at_offset(record.offset),
                   offset);
  }
  return record;
}

void RocksDbReader::read(Offset from, Offset head, const RecordVisitor& visit, Use use) const {
  if (from >= head) return;
  const std::string end_key = log_key(head);
  const rocksdb::Slice end = end_key;
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end;
  options.fill_cache = use == Use::kAnswers;
  if (use == Use::kOnce) options.readahead_size = kReadAheadBytes;
  const std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator(options, database_.log()));
  Offset expected = from;
  for (it->Seek(log_key(from)); it->Valid(); it->Next(), ++expected) {
    const auto offset = parse_log_key(view(it->key()));
    if (offset != expected) break;
    if (!visit(checked(expected, view(it->value())))) return;
  }
  require_ok(it->status(), "reading at " + at_offset(expected), place("log"), expected);
  if (expected == head) return;
  throw LogError("Log in " + place("log") + ": the record at " + at_offset(expected) +
                     " is missing, though the log goes on to " + at_offset(head),
                 expected);
}

RecordView RocksDbReader::checked_entry(std::string_view stream, StreamIndex idx, Offset offset,
                                        std::string_view bytes) const {
  const RecordView record = checked(offset, bytes);
  if (record.stream == stream && record.idx == idx) return record;
  throw LogError("Log in " + place("streams") + ": " + entry_name(stream, idx) + " leads to " +
                     at_offset(offset) + ", which is " + entry_name(record.stream, record.idx),
                 offset);
}

bool RocksDbReader::visit_entries(std::string_view stream, StreamIndex idx,
                                  std::span<const Offset> offsets,
                                  const RecordVisitor& visit) const {
  RecordBatch batch(database_, offsets);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto status = batch.fetch(i);
    if (!status.ok()) {  // the message is put together only if it is needed
      require_ok(status, "reading at " + at_offset(offsets[i]), place("log"), offsets[i]);
    }
    if (!visit(checked_entry(stream, idx + i, offsets[i], batch.bytes(i)))) return false;
  }
  return true;
}

void RocksDbReader::read_stream(std::string_view stream, StreamIndex from, Offset head,
                                const RecordVisitor& visit) const {
  StreamEntries entries(database_, stream, from);
  StreamIndex idx = from;
  for (std::size_t wanted = kFirstBatchRecords;; wanted = RecordBatch::kRecordsMax) {
    const std::vector<Offset> offsets = entries.next(wanted, head);
    // What lies before a damaged entry is given out.
    if (!visit_entries(stream, idx, offsets, visit)) return;
    idx += offsets.size();
    require_ok(entries.status(), "reading " + entry_name(stream, idx), place("streams"));
    if (entries.damaged()) {
      throw LogError("Log in " + place("streams") + ": " + entry_name(stream, idx) +
                     " is missing or damaged, though the stream goes on");
    }
    if (offsets.size() < wanted) return;
  }
}

StreamIndex RocksDbReader::stream_head(std::string_view stream) const {
  const std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.streams()));
  it->SeekForPrev(stream_key(stream, ~StreamIndex{0}));
  require_ok(it->status(), "reading the end of stream " + std::string(stream), place("streams"));
  if (!it->Valid()) return 0;
  const auto key = parse_stream_key(view(it->key()));
  if (!key) throw LogError("Log in " + place("streams") + ": a damaged key");
  return key->stream == stream ? key->idx + 1 : 0;
}

Offset RocksDbReader::last_record_end() const {
  const std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator({}, database_.log()));
  it->SeekToLast();
  require_ok(it->status(), "reading the last record", place("log"));
  if (!it->Valid()) return 0;
  const auto offset = parse_log_key(view(it->key()));
  if (!offset) throw LogError("Log in " + place("log") + ": the last key is damaged");
  return *offset + 1;
}

std::optional<Offset> RocksDbReader::indexed_offset(std::string_view stream,
                                                    StreamIndex idx) const {
  rocksdb::PinnableSlice bytes;
  const auto status = database_.db().Get({}, database_.streams(), stream_key(stream, idx), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  require_ok(status, "reading " + entry_name(stream, idx), place("streams"));
  return parse_stream_value(view(bytes));
}

std::optional<LogPosition> RocksDbReader::position() const {
  std::string bytes;
  const auto status = database_.db().Get({}, database_.meta(), slice(kLogPositionKey), &bytes);
  if (status.IsNotFound()) return std::nullopt;
  require_ok(status, "reading the position", place("meta"));
  const auto position = decode_position(bytes);
  if (!position) throw LogError("Log in " + place("meta") + ": the position is damaged");
  return position;
}

}  // namespace runledger::eventlog
