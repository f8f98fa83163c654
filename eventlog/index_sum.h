// A sum over stream index entries that does not depend on their order: the records and the index
// stand for the same entries if their sums are equal. Looking each entry up would take ten times as
// long. The seed is drawn anew each time, so nobody can prepare an index that sums up alike. Sums
// of one thread each are added. For the .cpp files of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventlog/record.h"

namespace runledger::eventlog {

class IndexSum {
 public:
  explicit IndexSum(std::uint64_t seed) : seed_(seed) {}

  void add(const RecordView& record);  // the entry that the record must have
  void add(std::string_view key, std::string_view value);
  void add(const IndexSum& other);

  bool operator==(const IndexSum& other) const {
    return low_ == other.low_ && high_ == other.high_ && entries_ == other.entries_;
  }

 private:
  void add_entry();

  std::uint64_t seed_;
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t entries_ = 0;
  std::string entry_;
};

}  // namespace runledger::eventlog
