// The bytes of some records, read together: 30 records of a run lie in 30 blocks, and looking them
// up at once saves what each look-up begins with. One thread. For the .cpp files of this folder.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

class RecordBatch {
 public:
  static constexpr std::size_t kRecordsMax = 32;

  // At most kRecordsMax offsets. Reads until a megabyte is held, one record at least.
  RecordBatch(const Database& database, std::span<const Offset> offsets);

  // What came of the record at offsets[i]; one that was too much for the batch is read now. They
  // are asked for in order, and each lets go of the one before.
  rocksdb::Status fetch(std::size_t i);
  // Its bytes, after fetch() was OK, until the next.
  std::string_view bytes(std::size_t i) const { return view(values_[i]); }

 private:
  const Database& database_;
  std::array<std::string, kRecordsMax> keys_;
  std::array<rocksdb::PinnableSlice, kRecordsMax> values_;
  std::array<rocksdb::Status, kRecordsMax> statuses_;
};

}  // namespace runledger::eventlog
