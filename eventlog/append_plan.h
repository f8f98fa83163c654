// What an append would do, worked out before anything is written: the same rules for every
// implementation of EventLog. Called by the appending thread.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/event_log.h"

namespace runledger::eventlog {

struct AppendPlan {
  bool conflict = false;              // then nothing may be written
  std::vector<AppendResult> results;  // one per item: what to answer once the write has succeeded
  std::map<std::string, StreamIndex, std::less<>> stream_heads;  // after the append
  Offset head = 0;                                               // after the append
};

// stream_head says where a stream stands before the append.
// Throws std::invalid_argument if an item has no event or an event is over the limits.
AppendPlan plan_append(std::span<const StreamAppend> items, Offset head,
                       const std::function<StreamIndex(std::string_view)>& stream_head);

// The rules of Storage for its rows; std::logic_error where the caller breaks them. Rows committed
// with an append must have been at the head before, else the tail between would never be folded.
void require_rows_at_head(Offset rows_offset, Offset head);
void require_rows_within_log(Offset rows_stand_for, Offset head);

// The answer of a log that has failed: kUnknown for each item.
std::vector<AppendResult> unknown_results(std::size_t items, const std::string& reason);

}  // namespace runledger::eventlog
