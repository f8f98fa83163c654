#include "eventlog/record_writer.h"

#include <algorithm>

#include "eventlog/commit_row.h"
#include "eventlog/keys.h"
#include "eventlog/record_codec.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kSaltsDrawnAtOnce = 256;

}  // namespace

Salt RecordWriter::next_salt() {
  Salt salt;
  if (salts_used_ == salts_.size()) {
    salts_.resize(kSaltsDrawnAtOnce * salt.size());
    fill_random_(salts_);
    salts_used_ = 0;
  }
  std::copy_n(salts_.begin() + static_cast<std::ptrdiff_t>(salts_used_), salt.size(), salt.begin());
  salts_used_ += salt.size();
  return salt;
}

void RecordWriter::put_item(const StreamAppend& item, Offset offset, rocksdb::WriteBatch& batch) {
  StreamIndex idx = item.expected_idx;
  for (const auto& event : item.events) {
    record_bytes_.clear();
    const EncodedParts parts =
        encode_record(offset, item.stream, idx, event, next_salt(), record_bytes_);
    sealer_.add(parts.header, parts.sealed_payload);
    batch.Put(database_.log(), log_key(offset), record_bytes_);
    batch.Put(database_.streams(), stream_key(item.stream, idx), stream_value(offset));
    ++offset;
    ++idx;
  }
}

ChainHead RecordWriter::put(std::span<const StreamAppend> items, const AppendPlan& plan,
                            const ChainHead& before, rocksdb::WriteBatch& batch) {
  CommitRow row;
  row.events = static_cast<std::uint32_t>(plan.head - before.head);
  sealer_.begin_commit(before, row.events);
  for (std::size_t i = 0; i < items.size(); ++i) {
    put_item(items[i], plan.results[i].first_offset, batch);
  }
  row.hash = sealer_.end_commit();
  batch.Put(database_.commits(), log_key(plan.head - 1), encode_commit_row(row));
  return {plan.head, row.hash};
}

}  // namespace runledger::eventlog
