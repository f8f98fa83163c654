#include "eventlog/stream_heads.h"

namespace runledger::eventlog {

std::optional<StreamIndex> StreamHeads::find(std::string_view stream) {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return std::nullopt;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->second;
}

void StreamHeads::put(std::string_view stream, StreamIndex head) {
  if (const auto found = by_stream_.find(stream); found != by_stream_.end()) {
    found->second->second = head;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return;
  }
  by_use_.emplace_front(std::string(stream), head);
  by_stream_.emplace(by_use_.front().first, by_use_.begin());
  while (by_use_.size() > streams_max_) {
    by_stream_.erase(by_use_.back().first);
    by_use_.pop_back();
  }
}

}  // namespace runledger::eventlog
