// What a run that has not ended waits for: at least one reason, each with a time until which it is
// expected to last and who can move it. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/run_state.h"

namespace runledger::core {

enum class WaitReasonKind : std::uint8_t {
  kStartTime,       // start_at has not come
  kConcurrencyKey,  // other runs hold its key
  kWorker,          // ready, and no worker has taken it
  kExecution,       // a worker is at it
  kSubWorkflow,     // a run below is at it
  kRetry,           // an attempt failed, the next one is due later
  kTimer,
  kPoll,
  kApproval,
  kReview,
  kPausedByHand,
  kPausedByFailure,
  kPausedWithParent,  // the run above is paused by hand
  kUnknownRemote,
  kCanceling,  // a worker or a run below has been asked to stop
};
std::string_view to_text(WaitReasonKind kind);

struct WaitReason {
  WaitReasonKind kind = WaitReasonKind::kWorker;
  std::string task_id;  // empty: the run itself
  std::string step;
  std::int64_t since_us = 0;
  // A deadline, or when the watchdog speaks. 0: of a sub-workflow, whose run says more, and without
  // a watchdog.
  std::int64_t until_us = 0;
  std::vector<std::string> movers;  // "time", "worker", "owner", or roles
  std::string detail;               // for people
  std::string child_run_id;         // of kSubWorkflow: that run's own reasons say who can move it
  bool has_deadline = false;        // of its own: the watchdog does not speak of it
};

// Never empty. The run has not ended; it has its plan.
std::vector<WaitReason> waits_of(const RunState& run);

}  // namespace runledger::core
