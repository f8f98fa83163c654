#include "eventlog/checkpoint_writer.h"

#include "eventlog/keys.h"

namespace runledger::eventlog {

CheckpointWriter::CheckpointWriter(const Database& database, SealKey key,
                                   const RocksDbOptions& options)
    : database_(database),
      key_(std::move(key)),
      now_us_(options.now_us),
      commits_max_(options.checkpoint_commits_max),
      interval_us_(options.checkpoint_interval_us),
      last_us_(now_us_()) {}

void CheckpointWriter::put_if_due(const ChainHead& durable, rocksdb::WriteBatch& batch) {
  if (commits_since_ == 0) return;
  if (commits_since_ < commits_max_ && now_us_() - last_us_ < interval_us_) return;
  put(durable, batch);
}

bool CheckpointWriter::put_last(const ChainHead& durable, rocksdb::WriteBatch& batch) {
  if (commits_since_ == 0) return false;
  put(durable, batch);
  return true;
}

void CheckpointWriter::put(const ChainHead& durable, rocksdb::WriteBatch& batch) {
  const Checkpoint checkpoint = sign(durable);
  batch.Put(database_.checkpoints(), log_key(checkpoint.offset), to_json(checkpoint));
  commits_since_ = 0;
  last_us_ = now_us_();
}

Checkpoint CheckpointWriter::sign(const ChainHead& durable) const {
  return sign_checkpoint(durable, now_us_(), key_);
}

}  // namespace runledger::eventlog
