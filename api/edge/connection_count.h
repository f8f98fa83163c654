// How many connections there are, in all lanes. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace runledger::api {

class ConnectionCount {
 public:
  // False, and nothing counted, when there are `max` already.
  bool add(std::size_t max) {
    std::scoped_lock lock(mutex_);
    if (count_ >= max) return false;
    ++count_;
    return true;
  }
  void remove() {
    std::scoped_lock lock(mutex_);
    if (--count_ == 0) none_left_.notify_all();
  }
  std::size_t get() const {
    std::scoped_lock lock(mutex_);
    return count_;
  }
  // False when the time was over first.
  bool wait_for_none(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return none_left_.wait_for(lock, limit, [&] { return count_ == 0; });
  }
  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_left_.wait(lock, [&] { return count_ == 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_left_;
  std::size_t count_ = 0;
};

}  // namespace runledger::api
