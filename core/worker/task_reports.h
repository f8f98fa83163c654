// Gathers what one task reports, so that it sends at most one batch per kReportInterval, in order
// and complete; of progress only the latest. A flood (kPendingReportsMax) is sent at once and waits
// for room in the session. Any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <vector>

#include "core/worker/server_link.h"

namespace runledger::core::worker {

class TaskReports {
 public:
  using Clock = std::chrono::steady_clock;

  // The task and the link must outlive it.
  TaskReports(const protocol::LeasedTask& task, ServerLink& link);

  // kTaken or kGone. May wait for room.
  Delivery add(protocol::ReportBody body, Clock::time_point now);
  // Sends what waits and then this, and does not wait for acknowledgements.
  Delivery finish(protocol::ReportBody body);
  Delivery flush();

  // Sends what has waited long enough if it can do so without waiting itself. When to ask again;
  // max() when nothing waits.
  Clock::time_point flush_due(Clock::time_point now);

 private:
  void drop_progress();
  Delivery send_pending(Clock::time_point now);

  const protocol::LeasedTask& task_;
  ServerLink& link_;
  std::mutex mutex_;  // held while sending, which keeps the order
  std::vector<protocol::ReportBody> pending_;
  std::size_t pending_bytes_ = 0;
  Clock::time_point next_send_ = Clock::time_point::min();
};

}  // namespace runledger::core::worker
