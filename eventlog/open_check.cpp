#include "eventlog/open_check.h"

#include "eventlog/rocksdb_reader.h"

namespace runledger::eventlog {

LogPosition check_tail(const Database& database, std::size_t records_max) {
  const RocksDbReader reader(database);
  const Offset head = reader.last_record_end();
  const LogPosition position = reader.position().value_or(LogPosition{});
  if (position.head != head) {
    throw LogError("Log in " + database.name() + ": the records end before offset " +
                   std::to_string(head) + ", but the position in meta says " +
                   std::to_string(position.head) + "; restore a backup");
  }
  reader.read(head > records_max ? head - records_max : 0, head, [&](const RecordView& record) {
    const auto indexed = reader.indexed_offset(record.stream, record.idx);
    if (indexed == record.offset) return true;
    throw LogError("Log in " + database.name() + ", streams: the record at offset " +
                   std::to_string(record.offset) + " is entry " + std::to_string(record.idx) +
                   " of stream " + std::string(record.stream) + ", but the index " +
                   (indexed ? "has offset " + std::to_string(*indexed) : "does not have it"));
  });
  return position;
}

}  // namespace runledger::eventlog
