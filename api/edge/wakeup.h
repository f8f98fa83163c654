// Wakes one coroutine from any thread. A wake-up that comes before the wait is not lost.
// (A channel would say the same, but the one in Boost 1.81 loses messages after a cancelled
// receive.)
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace runledger::api {

class Wakeup : public std::enable_shared_from_this<Wakeup> {
 public:
  using Clock = std::chrono::steady_clock;

  // `executor` runs one handler at a time; the waiting coroutine runs on it.
  explicit Wakeup(boost::asio::any_io_executor executor);

  void notify();  // any thread, also after detach(), when it does nothing
  // True when notified since the last wait, false when the time is over.
  boost::asio::awaitable<bool> wait_until(Clock::time_point deadline);
  // No wait comes after it. Whoever still holds the object may outlive the executor's context.
  void detach();

 private:
  void notify_here();

  std::mutex mutex_;
  bool is_posted_ = false;                          // many notifications, one hand-over
  std::optional<boost::asio::steady_timer> timer_;  // only detach() changes whether it is there
  bool is_notified_ = false;
};

}  // namespace runledger::api
