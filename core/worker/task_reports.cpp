#include "core/worker/task_reports.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

struct BodyBytes {
  std::size_t operator()(const protocol::ProgressReport& body) const { return body.message.size(); }
  std::size_t operator()(const protocol::EmitReport& body) const {
    return body.event_type.size() + body.data.size();
  }
  std::size_t operator()(const protocol::LogReport& body) const { return body.text.size(); }
  std::size_t operator()(const protocol::ResourceReport&) const { return 0; }
  std::size_t operator()(const protocol::SucceededReport& body) const { return body.output.size(); }
  std::size_t operator()(const protocol::FailedReport& body) const { return body.message.size(); }
  std::size_t operator()(const protocol::CanceledReport&) const { return 0; }
  std::size_t operator()(const protocol::StepReport& body) const { return body.result.size(); }
  std::size_t operator()(const protocol::SleepReport&) const { return 0; }
  std::size_t operator()(const protocol::PollWaitReport&) const { return 0; }
  std::size_t operator()(const protocol::ReviewReport& body) const {
    return body.body.size() + body.validation.size() + body.schema.size();
  }
  std::size_t operator()(const protocol::RemoteIntentReport&) const { return 0; }
  std::size_t operator()(const protocol::RemoteSubmittedReport&) const { return 0; }
  std::size_t operator()(const protocol::RemoteFailedReport& body) const {
    return body.message.size();
  }
  std::size_t operator()(const protocol::RemoteUnknownReport& body) const {
    return body.message.size();
  }
};

}  // namespace

TaskReports::TaskReports(const protocol::LeasedTask& task, ServerLink& link)
    : task_(task), link_(link) {}

Delivery TaskReports::add(protocol::ReportBody body, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (std::holds_alternative<protocol::ProgressReport>(body)) drop_progress();
  pending_bytes_ += std::visit(BodyBytes{}, body);
  pending_.push_back(std::move(body));
  const bool full = pending_.size() >= kPendingReportsMax || pending_bytes_ >= kPendingBytesMax;
  return full || now >= next_send_ ? send_pending(now) : Delivery::kTaken;
}

void TaskReports::drop_progress() {
  std::erase_if(pending_, [this](const protocol::ReportBody& waiting) {
    const auto* older = std::get_if<protocol::ProgressReport>(&waiting);
    if (older) pending_bytes_ -= BodyBytes{}(*older);
    return older != nullptr;
  });
}

Delivery TaskReports::finish(protocol::ReportBody body) {
  const std::scoped_lock lock(mutex_);
  pending_.push_back(std::move(body));
  return send_pending(Clock::now());
}

Delivery TaskReports::flush() {
  const std::scoped_lock lock(mutex_);
  return pending_.empty() ? Delivery::kTaken : send_pending(Clock::now());
}

Delivery TaskReports::send_pending(Clock::time_point now) {
  next_send_ = now + kReportInterval;
  pending_bytes_ = 0;
  return link_.send(task_, std::exchange(pending_, {}));
}

TaskReports::Clock::time_point TaskReports::flush_due(Clock::time_point now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return now + kReportInterval;  // its owner is sending, or adding something
  if (pending_.empty()) return Clock::time_point::max();
  if (now < next_send_) return next_send_;
  next_send_ = now + kReportInterval;
  if (link_.offer(task_, pending_) == Delivery::kFull) return next_send_;
  pending_.clear();
  pending_bytes_ = 0;
  return Clock::time_point::max();
}

}  // namespace runledger::core::worker
