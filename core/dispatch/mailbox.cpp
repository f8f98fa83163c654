#include "core/dispatch/mailbox.h"

#include <utility>

namespace runledger::core {

void Mailbox::post(Work work) {
  put(std::move(work));
  arrived_.notify_one();
}

void Mailbox::put(Work work) {
  std::scoped_lock lock(mutex_);
  if (!closed_) waiting_.push_back(std::move(work));
}

void Mailbox::wake() {
  {
    std::scoped_lock lock(mutex_);
    if (waiting_.empty()) return;
  }
  arrived_.notify_one();
}

void Mailbox::close() {
  {
    std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

std::deque<Mailbox::Work> Mailbox::take(std::optional<TimePoint> wake_at) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] {
    return closed_ || !waiting_.empty();
  };
  if (wake_at) {
    arrived_.wait_until(lock, *wake_at, ready);
  } else {
    arrived_.wait(lock, ready);
  }
  return std::exchange(waiting_, {});
}

bool Mailbox::closed() const {
  std::scoped_lock lock(mutex_);
  return closed_;
}

}  // namespace runledger::core
