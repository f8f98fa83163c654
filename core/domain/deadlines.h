// When a task's waiting ends by itself, and how: the one place that knows, for the timers, for
// decide() when a time has come, and for `why`. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/domain/run_state.h"

namespace runledger::core {

enum class DeadlineKind : std::uint8_t {
  kGoesOn,    // a retry, timer or poll is due
  kPoll,      // nothing was found, and its worker does not say so
  kQueue,     // no worker has taken it
  kAttempt,   // the attempt takes too long
  kTotal,     // all of it takes too long
  kApproval,  // nobody has approved
  kReview,    // nobody has reviewed
};
std::string_view to_text(DeadlineKind kind);  // as in task.timed_out

struct Deadline {
  DeadlineKind kind = DeadlineKind::kGoesOn;
  std::int64_t at_us = 0;
};

// When the time-out of the whole run ends it; 0: never. A run that is being canceled ends as
// canceled.
std::int64_t deadline_of(const RunState& run);

// At most one of a kind; a paused run's tasks do not time out in the queue. The run has its plan,
// the task has not ended.
std::vector<Deadline> deadlines_of(const RunState& run, const TaskState& task);

}  // namespace runledger::core
