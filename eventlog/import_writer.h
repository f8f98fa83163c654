// Writes records and commits that were made elsewhere into a database of their own, many at a time
// and without a WAL: nothing is durable before finish(). Of one thread. For the .cpp files of this
// folder.
#pragma once

#include <rocksdb/write_batch.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/commit_row.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/rocksdb_reader.h"
#include "eventlog/stream_heads.h"

namespace runledger::eventlog {

class ImportWriter {
 public:
  // Creates the database in a directory that is missing. Throws LogError, as the rest does.
  explicit ImportWriter(const std::filesystem::path& log_directory);

  // The index that the stream's next event gets.
  StreamIndex stream_head(std::string_view stream);
  // The record is the next one of the log and of its stream.
  void put_record(const RecordView& record, std::string_view bytes);
  void put_commit(const ChainHead& after, std::uint32_t events);
  void put_checkpoint(Offset offset, std::string_view json);
  // All of it, durably, with rows that stand for offset 0; the database is closed.
  void finish(Offset head);

 private:
  // Entries of a stream that have not been written yet: its index from `first` on.
  struct NewEntries {
    StreamIndex first = 0;
    std::vector<Offset> offsets;

    StreamIndex head() const { return first + offsets.size(); }
  };

  void write();

  RocksDbOptions options_;
  std::unique_ptr<Database> database_;
  RocksDbReader reader_;
  StreamHeads heads_;
  rocksdb::WriteBatch batch_;
  // In the order of their keys, which RocksDB takes in with far fewer comparisons.
  std::map<std::string, NewEntries, std::less<>> new_entries_;
};

}  // namespace runledger::eventlog
