// Decides when a checkpoint is due and puts it into the batch of the next commit, which is written
// anyway: the log alone makes the events, so a checkpoint is a row beside it and not an event that
// would call for the next checkpoint. Of the committing thread, sign() apart. For the .cpp files of
// this folder.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <functional>

#include "eventlog/checkpoint.h"
#include "eventlog/rocksdb_database.h"

namespace runledger::eventlog {

class CheckpointWriter {
 public:
  CheckpointWriter(const Database& database, SealKey key, const RocksDbOptions& options);

  // The chain that is durable gets a checkpoint if that many commits or that much time went by.
  void put_if_due(const ChainHead& durable, rocksdb::WriteBatch& batch);
  void count_commit() { ++commits_since_; }
  // One for the end of a clean stop, unless the last one is of the same place.
  bool put_last(const ChainHead& durable, rocksdb::WriteBatch& batch);

  Checkpoint sign(const ChainHead& durable) const;  // any thread

 private:
  void put(const ChainHead& durable, rocksdb::WriteBatch& batch);

  const Database& database_;
  SealKey key_;
  std::function<std::int64_t()> now_us_;
  std::uint32_t commits_max_;
  std::int64_t interval_us_;
  std::uint32_t commits_since_ = 0;
  std::int64_t last_us_;
};

}  // namespace runledger::eventlog
