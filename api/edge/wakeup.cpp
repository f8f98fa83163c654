#include "api/edge/wakeup.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace runledger::api {

namespace asio = boost::asio;

Wakeup::Wakeup(asio::any_io_executor executor) : timer_(std::move(executor)) {}

void Wakeup::notify() {
  std::scoped_lock lock(mutex_);
  if (!timer_ || is_posted_) return;
  is_posted_ = true;
  asio::post(timer_->get_executor(), [self = shared_from_this()] { self->notify_here(); });
}

void Wakeup::notify_here() {
  {
    // Before anything else: a notification from now on must be handed over again.
    std::scoped_lock lock(mutex_);
    is_posted_ = false;
  }
  is_notified_ = true;
  if (timer_) timer_->cancel();
}

asio::awaitable<bool> Wakeup::wait_until(Clock::time_point deadline) {
  if (!is_notified_) {
    timer_->expires_at(deadline);
    co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return std::exchange(is_notified_, false);
}

void Wakeup::detach() {
  std::scoped_lock lock(mutex_);
  timer_.reset();
}

}  // namespace runledger::api
