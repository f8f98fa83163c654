// When a task's waiting ends by itself, and how: the one place that knows, for the timers, for
// decide() when a time has come, and for `why`. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/domain/run_state.h"

namespace runledger::core {

enum class DeadlineKind : std::uint8_t {
  kGoesOn,    // a retry, timer or poll is due
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

// At most one of a kind. Made for each task of a run at each of its events: no allocation.
class Deadlines {
 public:
  void add(DeadlineKind kind, std::int64_t at_us) { all_[size_++] = {kind, at_us}; }
  const Deadline* begin() const { return all_.data(); }
  const Deadline* end() const { return all_.data() + size_; }
  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kKinds = 6;
  std::array<Deadline, kKinds> all_;
  std::size_t size_ = 0;
};

// When the time-out of the whole run ends it; 0: never. A run that is being canceled ends as
// canceled.
std::int64_t deadline_of(const RunState& run);

// A paused run's tasks do not time out in the queue. The run has its plan, the task has not ended.
Deadlines deadlines_of(const RunState& run, const TaskState& task);

// Whether it waits for something that need not come at any known time: that is what the watchdog
// is for. A sub-workflow's run has a watchdog of its own.
bool waits_without_end(const RunState& run);

}  // namespace runledger::core
