// Work for one owner thread: closures in order, and a time to come round at the latest.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>

namespace runledger::core {

class Mailbox {
 public:
  using Work = std::function<void()>;
  using TimePoint = std::chrono::steady_clock::time_point;

  // Any thread. After close() nothing is taken.
  void post(Work work);
  // The same, but the owner need not come round before wake(): for many in a row.
  void put(Work work);
  void wake();
  void close();

  // The owner's: all that waits; empty when `wake_at` has come or the box is closed and done.
  std::deque<Work> take(std::optional<TimePoint> wake_at);
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Work> waiting_;
  bool closed_ = false;
};

}  // namespace runledger::core
