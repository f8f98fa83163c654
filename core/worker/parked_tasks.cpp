#include "core/worker/parked_tasks.h"

#include <algorithm>
#include <utility>

namespace runledger::core::worker {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::size_t ParkedTasks::bytes_of(const protocol::LeasedTask& task) {
  std::size_t bytes = task.input.size() + task.session.size();
  for (const auto& memo : task.memos) bytes += memo.name.size() + memo.result.size();
  return bytes;
}

ParkedTasks::Parked ParkedTasks::admit(const protocol::LeasedTask& task, Clock::time_point now) {
  if (tasks_.contains(task.lease_id)) return Parked::kAgain;
  const std::size_t bytes = bytes_of(task);
  if (tasks_.size() >= kParkedTasksMax || bytes_ + bytes > kParkedBytesMax) return Parked::kNoRoom;
  bytes_ += bytes;
  const std::uint64_t before = task.pending_poll ? task.pending_poll->waited_ms : 0;
  tasks_[task.lease_id] = {std::nullopt, now, before, {}, bytes};
  return Parked::kFirst;
}

void ParkedTasks::park(protocol::LeasedTask task, const protocol::PollWaitReport& wait,
                       Clock::time_point now) {
  const std::string lease_id = task.lease_id;
  task.pending_poll = protocol::PendingPoll{wait.name, 0, true};
  Waiting& waiting = tasks_.at(lease_id);
  waiting.task = std::move(task);
  waiting.due = now + milliseconds(wait.every_ms);
  due_.emplace(waiting.due, lease_id);
}

protocol::LeasedTask ParkedTasks::take(Due::iterator entry, Clock::time_point now) {
  Waiting& waiting = tasks_.at(entry->second);
  due_.erase(entry);
  protocol::LeasedTask task = *std::exchange(waiting.task, std::nullopt);
  const auto here = duration_cast<milliseconds>(now - waiting.since);
  task.pending_poll->waited_ms = waiting.waited_ms + static_cast<std::uint64_t>(here.count());
  return task;
}

std::optional<protocol::LeasedTask> ParkedTasks::take_due(Clock::time_point now) {
  if (due_.empty() || due_.begin()->first > now) return std::nullopt;
  return take(due_.begin(), now);
}

std::optional<ParkedTasks::Clock::time_point> ParkedTasks::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<protocol::LeasedTask> ParkedTasks::take(const std::string& lease_id) {
  const auto known = tasks_.find(lease_id);
  if (known == tasks_.end() || !known->second.task) return std::nullopt;
  const auto [first, last] = due_.equal_range(known->second.due);
  const auto entry =
      std::find_if(first, last, [&](const auto& each) { return each.second == lease_id; });
  return take(entry, known->second.since);
}

std::vector<std::string> ParkedTasks::leases() const {
  std::vector<std::string> all;
  for (const auto& [due, lease_id] : due_) all.push_back(lease_id);
  return all;
}

void ParkedTasks::forget(const std::string& lease_id) {
  const auto known = tasks_.find(lease_id);
  if (known == tasks_.end()) return;
  take(lease_id);
  bytes_ -= known->second.bytes;
  tasks_.erase(known);
}

}  // namespace runledger::core::worker
