#include "eventlog/record_batch.h"

#include <algorithm>
#include <stdexcept>

#include "eventlog/keys.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kBatchBytes = 1024 * 1024;

}  // namespace

RecordBatch::RecordBatch(const Database& database, std::span<const Offset> offsets)
    : database_(database) {
  if (offsets.size() > kRecordsMax) throw std::invalid_argument("Too many records for a batch");
  std::array<rocksdb::Slice, kRecordsMax> keys;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    keys_[i] = log_key(offsets[i]);
    keys[i] = keys_[i];
  }
  rocksdb::ReadOptions options;
  options.value_size_soft_limit = kBatchBytes;
  // A sound index is in order; a damaged one need not be.
  const bool sorted = std::is_sorted(offsets.begin(), offsets.end());
  database_.db().MultiGet(options, database_.log(), offsets.size(), keys.data(), values_.data(),
                          statuses_.data(), sorted);
}

rocksdb::Status RecordBatch::fetch(std::size_t i) {
  if (i > 0) values_[i - 1].Reset();
  if (!statuses_[i].IsAborted()) return statuses_[i];
  values_[i].Reset();
  return database_.db().Get({}, database_.log(), keys_[i], &values_[i]);
}

}  // namespace runledger::eventlog
