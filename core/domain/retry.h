// How an attempt that failed or timed out goes on: another one later, or the end of the task.
// Pure functions.
#pragma once

#include "core/domain/decide.h"

namespace runledger::core {

struct AttemptEnd {
  std::uint32_t attempt = 0;
  Error error;
  std::string timed_out;             // "attempt" or "heartbeat"; empty: it failed
  std::uint64_t retry_after_ms = 0;  // no earlier than that
};

// now_us and command_id (for the jitter) are the command's.
EventBody retry_or_end(const RunState& run, const TaskState& task, const AttemptEnd& ended,
                       const Command& command);

}  // namespace runledger::core
