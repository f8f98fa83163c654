#include "eventlog/index_sum.h"

#include <xxhash.h>

#include "eventlog/bytes.h"

namespace runledger::eventlog {

void IndexSum::add(const RecordView& record) {
  entry_.assign(record.stream);
  entry_.push_back('\0');
  put_be<std::uint64_t>(entry_, record.idx);
  put_le<std::uint64_t>(entry_, record.offset);
  add_entry();
}

void IndexSum::add(std::string_view key, std::string_view value) {
  entry_.assign(key);
  entry_ += value;
  add_entry();
}

void IndexSum::add_entry() {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(entry_.data(), entry_.size(), seed_);
  low_ += hash.low64;
  high_ += hash.high64;
  ++entries_;
}

void IndexSum::add(const IndexSum& other) {
  low_ += other.low_;
  high_ += other.high_;
  entries_ += other.entries_;
}

}  // namespace runledger::eventlog
