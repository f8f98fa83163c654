#include "eventlog/stream_entries.h"

#include "eventlog/keys.h"

namespace runledger::eventlog {

StreamEntries::StreamEntries(const Database& database, std::string_view stream, StreamIndex from)
    : end_key_(stream_key(stream, ~StreamIndex{0})), end_(end_key_), idx_(from) {
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &end_;
  it_.reset(database.db().NewIterator(options, database.streams()));
  it_->Seek(stream_key(stream, from));
}

std::vector<Offset> StreamEntries::next(std::size_t wanted, Offset head) {
  std::vector<Offset> offsets;
  offsets.reserve(wanted);
  for (; offsets.size() < wanted && it_->Valid(); it_->Next(), ++idx_) {
    const auto key = parse_stream_key(view(it_->key()));
    const auto offset = parse_stream_value(view(it_->value()));
    damaged_ = !key || key->idx != idx_ || !offset;
    if (damaged_ || *offset >= head) break;
    offsets.push_back(*offset);
  }
  return offsets;
}

}  // namespace runledger::eventlog
