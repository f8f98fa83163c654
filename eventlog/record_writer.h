// Turns an append into rows of a batch: records, index entries, and the seal of the commit. Of the
// committing thread. For the .cpp files of this folder.
#pragma once

#include <rocksdb/write_batch.h>

#include <span>
#include <string>
#include <vector>

#include "eventlog/append_plan.h"
#include "eventlog/random_bytes.h"
#include "eventlog/rocksdb_database.h"
#include "eventlog/seal.h"

namespace runledger::eventlog {

class RecordWriter {
 public:
  RecordWriter(const Database& database, FillRandom fill_random)
      : database_(database), fill_random_(std::move(fill_random)) {}

  // The plan has no conflict and at least one item. Returns where the chain stands after it.
  ChainHead put(std::span<const StreamAppend> items, const AppendPlan& plan,
                const ChainHead& before, rocksdb::WriteBatch& batch);

 private:
  Salt next_salt();
  void put_item(const StreamAppend& item, Offset offset, rocksdb::WriteBatch& batch);

  const Database& database_;
  FillRandom fill_random_;
  Sealer sealer_;
  std::string record_bytes_;
  std::vector<std::uint8_t> salts_;  // drawn for several events at once
  std::size_t salts_used_ = 0;
};

}  // namespace runledger::eventlog
