// Where streams stand, remembered for the appending thread: least recently used streams are
// forgotten beyond the limit. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "eventlog/record.h"

namespace runledger::eventlog {

class StreamHeads {
 public:
  explicit StreamHeads(std::size_t streams_max) : streams_max_(streams_max) {}

  std::optional<StreamIndex> find(std::string_view stream);
  void put(std::string_view stream, StreamIndex head);
  std::size_t size() const { return by_use_.size(); }

 private:
  using Entry = std::pair<std::string, StreamIndex>;

  std::size_t streams_max_;
  std::list<Entry> by_use_;  // most recently used first
  // The keys point into by_use_, whose nodes never move.
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_stream_;
};

}  // namespace runledger::eventlog
