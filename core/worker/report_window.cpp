#include "core/worker/report_window.h"

#include <algorithm>
#include <utility>

namespace runledger::core::worker {
namespace {

std::size_t bytes_of(const protocol::ReportBody& body) {
  return std::visit(
      [](const auto& each) {
        std::size_t bytes = 0;
        if constexpr (requires { each.data; }) bytes += each.data.size();
        if constexpr (requires { each.text; }) bytes += each.text.size();
        if constexpr (requires { each.output; }) bytes += each.output.size();
        if constexpr (requires { each.result; }) bytes += each.result.size();
        if constexpr (requires { each.validation; }) {
          bytes += each.body.size() + each.validation.size() + each.schema.size();
        }
        return bytes;
      },
      body);
}

}  // namespace

void ReportWindow::open(Wake wake_up, const std::vector<std::string>& fenced) {
  std::unique_lock lock(mutex_);
  for (const std::string& lease_id : fenced) {
    fenced_.insert(lease_id);
    std::erase_if(reports_, [&](const auto& each) { return each.second.lease_id == lease_id; });
  }
  wake_ = std::move(wake_up);
  closed_ = false;
  ++connections_;
  next_taken_ = reports_.empty() ? next_seq_ : reports_.begin()->first;
  changed_.notify_all();
  wake(lock);
}

void ReportWindow::pause() {
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
  changed_.notify_all();
}

void ReportWindow::close() {
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
  closed_ = true;
  ++closings_;
  reports_.clear();
  fenced_.clear();
  awaited_.clear();
  changed_.notify_all();
}

std::optional<protocol::Reports> ReportWindow::take() {
  const std::scoped_lock lock(mutex_);
  if (!wake_) return std::nullopt;
  protocol::Reports frame;
  std::size_t bytes = 0;
  auto next = reports_.lower_bound(next_taken_);
  for (; next != reports_.end() && bytes < kReportFrameBytes; ++next) {
    bytes += bytes_of(next->second.body);
    frame.reports.push_back(next->second);
  }
  next_taken_ = next == reports_.end() ? next_seq_ : next->first;
  if (frame.reports.empty()) return std::nullopt;
  return frame;
}

void ReportWindow::acknowledge(const std::vector<protocol::Acknowledgement>& results) {
  const std::scoped_lock lock(mutex_);
  for (const auto& result : results) {
    reports_.erase(result.seq);
    const auto awaited = awaited_.find(result.seq);
    if (awaited != awaited_.end()) awaited->second = result;
  }
  if (senders_waiting_ > 0) changed_.notify_all();
}

void ReportWindow::fence(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  fenced_.insert(lease_id);
  changed_.notify_all();
}

void ReportWindow::forget(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  fenced_.erase(lease_id);
  numbers_.erase(lease_id);
}

std::vector<protocol::HeldTask> ReportWindow::unacknowledged() const {
  const std::scoped_lock lock(mutex_);
  std::vector<protocol::HeldTask> tasks;
  std::set<std::string> seen;
  for (const auto& [seq, report] : reports_) {
    if (!seen.insert(report.lease_id).second) continue;
    tasks.push_back({report.run_id, report.task_id, report.lease_id, true});
  }
  return tasks;
}

std::uint64_t ReportWindow::put(const protocol::LeasedTask& task,
                                std::vector<protocol::ReportBody>::iterator begin,
                                std::size_t count) {
  std::uint64_t& number = numbers_[task.lease_id];
  for (std::size_t i = 0; i < count; ++i) {
    reports_.emplace_hint(
        reports_.end(), next_seq_,
        protocol::Report{task.run_id, task.task_id, task.lease_id, next_seq_, ++number,
                         std::move(*(begin + static_cast<std::ptrdiff_t>(i)))});
    ++next_seq_;
  }
  return next_seq_ - 1;
}

void ReportWindow::wake(std::unique_lock<std::mutex>& lock) {
  const Wake wake_up = wake_;
  lock.unlock();
  if (wake_up) wake_up();
  lock.lock();
}

Delivery ReportWindow::offer(const protocol::LeasedTask& task,
                             std::vector<protocol::ReportBody> bodies) {
  std::unique_lock lock(mutex_);
  if (gone(task.lease_id)) return Delivery::kGone;
  if (bodies.size() > room()) return Delivery::kFull;
  put(task, bodies.begin(), bodies.size());
  wake(lock);
  return Delivery::kTaken;
}

Delivery ReportWindow::send(const protocol::LeasedTask& task,
                            std::vector<protocol::ReportBody> bodies) {
  std::unique_lock lock(mutex_);
  const auto closings = closings_;
  for (auto next = bodies.begin(); next != bodies.end();) {
    ++senders_waiting_;
    changed_.wait(lock, [&] { return gone(task.lease_id) || closings != closings_ || room() > 0; });
    --senders_waiting_;
    if (gone(task.lease_id) || closings != closings_) return Delivery::kGone;
    const auto count = std::min(room(), static_cast<std::size_t>(bodies.end() - next));
    put(task, next, count);
    next += static_cast<std::ptrdiff_t>(count);
    wake(lock);
  }
  return gone(task.lease_id) ? Delivery::kGone : Delivery::kTaken;
}

std::optional<protocol::Acknowledgement> ReportWindow::send_and_wait(
    const protocol::LeasedTask& task, protocol::ReportBody body) {
  std::unique_lock lock(mutex_);
  const auto closings = closings_;
  const auto ended = [&] {
    return gone(task.lease_id) || closings != closings_;
  };
  ++senders_waiting_;
  changed_.wait(lock, [&] { return ended() || room() > 0; });
  std::optional<protocol::Acknowledgement> answer;
  if (!ended()) {
    std::vector<protocol::ReportBody> one;
    one.push_back(std::move(body));
    const auto seq = put(task, one.begin(), 1);
    awaited_[seq] = std::nullopt;
    wake(lock);
    changed_.wait(lock, [&] {
      return closings != closings_ || gone(task.lease_id) || awaited_.at(seq).has_value();
    });
    if (closings == closings_) answer = std::move(awaited_.extract(seq).mapped());
  }
  --senders_waiting_;
  return answer;
}

std::uint64_t ReportWindow::connection() const {
  const std::scoped_lock lock(mutex_);
  return connections_;
}

bool ReportWindow::wait_for_later(std::uint64_t connection, const protocol::LeasedTask& task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return gone(task.lease_id) || wake_ != nullptr; });
  return !gone(task.lease_id) && connections_ > connection;
}

bool ReportWindow::wait_until_empty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  ++senders_waiting_;
  changed_.wait_for(lock, timeout, [&] { return reports_.empty() || !wake_; });
  --senders_waiting_;
  return reports_.empty() && !closed_;
}

}  // namespace runledger::core::worker
