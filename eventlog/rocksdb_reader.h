// Reading the log's column families; every record is checked against the key that it lay under.
// Any thread. Throws LogError, naming offset and place. For the .cpp files of this folder.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "eventlog/event_log.h"
#include "eventlog/log_position.h"
#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

class RocksDbReader {
 public:
  explicit RocksDbReader(const Database& database) : database_(database) {}

  enum class Use { kAnswers, kOnce };  // kOnce leaves the block cache to those who read again

  // Records [from, head), densely.
  void read(Offset from, Offset head, const RecordVisitor& visit, Use use = Use::kAnswers) const;
  // The stream's records from that index on whose offset is below head, densely.
  void read_stream(std::string_view stream, StreamIndex from, Offset head,
                   const RecordVisitor& visit) const;
  // Where the stream's next event goes, by its last index entry.
  StreamIndex stream_head(std::string_view stream) const;

  // One past the last record's offset.
  Offset last_record_end() const;
  // What the index has for that place.
  std::optional<Offset> indexed_offset(std::string_view stream, StreamIndex idx) const;
  std::optional<LogPosition> position() const;

 private:
  RecordView checked(Offset offset, std::string_view bytes) const;
  RecordView checked_entry(std::string_view stream, StreamIndex idx, Offset offset,
                           std::string_view bytes) const;
  // The stream's records from idx on, which are at these offsets. False: the visitor has ended it.
  bool visit_entries(std::string_view stream, StreamIndex idx, std::span<const Offset> offsets,
                     const RecordVisitor& visit) const;
  std::string place(std::string_view part) const;

  const Database& database_;
};

}  // namespace runledger::eventlog
