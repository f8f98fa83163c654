#include "core/worker/report_window.h"

#include <algorithm>
#include <utility>

namespace runledger::core::worker {

void ReportWindow::open(Wire wire) {
  const std::scoped_lock lock(mutex_);
  wire_ = std::move(wire);
  next_seq_ = 1;
  ++session_;
  in_flight_.clear();
  fenced_.clear();
  awaited_.clear();
}

void ReportWindow::close() {
  const std::scoped_lock lock(mutex_);
  wire_ = nullptr;
  changed_.notify_all();
}

void ReportWindow::acknowledge(const std::vector<protocol::Acknowledgement>& results) {
  const std::scoped_lock lock(mutex_);
  for (const auto& result : results) {
    in_flight_.erase(result.seq);
    const auto awaited = awaited_.find(result.seq);
    if (awaited != awaited_.end()) awaited->second = result;
  }
  changed_.notify_all();
}

void ReportWindow::fence(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  fenced_.insert(lease_id);
  changed_.notify_all();
}

void ReportWindow::forget(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  fenced_.erase(lease_id);
}

std::uint64_t ReportWindow::put(const protocol::LeasedTask& task,
                                std::vector<protocol::ReportBody>::iterator begin,
                                std::size_t count) {
  protocol::Reports batch;
  for (std::size_t i = 0; i < count; ++i) {
    in_flight_.insert(next_seq_);
    batch.reports.push_back({task.run_id, task.task_id, task.lease_id, next_seq_,
                             std::move(*(begin + static_cast<std::ptrdiff_t>(i)))});
    ++next_seq_;
  }
  wire_(batch);
  return next_seq_ - 1;
}

Delivery ReportWindow::offer(const protocol::LeasedTask& task,
                             std::vector<protocol::ReportBody> bodies) {
  const std::scoped_lock lock(mutex_);
  if (gone(task.lease_id)) return Delivery::kGone;
  if (bodies.size() > room()) return Delivery::kFull;
  put(task, bodies.begin(), bodies.size());
  return Delivery::kTaken;
}

Delivery ReportWindow::send(const protocol::LeasedTask& task,
                            std::vector<protocol::ReportBody> bodies) {
  std::unique_lock lock(mutex_);
  const auto session = session_;
  for (auto next = bodies.begin(); next != bodies.end();) {
    changed_.wait(lock, [&] { return gone(task.lease_id) || session != session_ || room() > 0; });
    if (gone(task.lease_id) || session != session_) return Delivery::kGone;
    const auto count = std::min(room(), static_cast<std::size_t>(bodies.end() - next));
    put(task, next, count);
    next += static_cast<std::ptrdiff_t>(count);
  }
  return gone(task.lease_id) ? Delivery::kGone : Delivery::kTaken;
}

std::optional<protocol::Acknowledgement> ReportWindow::send_and_wait(
    const protocol::LeasedTask& task, protocol::ReportBody body) {
  std::unique_lock lock(mutex_);
  const auto session = session_;
  const auto ended = [&] {
    return gone(task.lease_id) || session != session_;
  };
  changed_.wait(lock, [&] { return ended() || room() > 0; });
  if (ended()) return std::nullopt;
  std::vector<protocol::ReportBody> one;
  one.push_back(std::move(body));
  const auto seq = put(task, one.begin(), 1);
  awaited_[seq] = std::nullopt;
  changed_.wait(lock, [&] { return ended() || awaited_.at(seq).has_value(); });
  if (session != session_) return std::nullopt;
  auto node = awaited_.extract(seq);
  return std::move(node.mapped());
}

bool ReportWindow::wait_until_empty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return in_flight_.empty() || !wire_; });
  return in_flight_.empty();
}

}  // namespace runledger::core::worker
