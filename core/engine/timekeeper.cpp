#include "core/engine/timekeeper.h"

#include <algorithm>
#include <chrono>

namespace runledger::core {
namespace {

using std::chrono::microseconds;

// A wall clock can be set: it is looked at that often, however far away the time is.
constexpr microseconds kLookInterval{1'000'000};
constexpr microseconds kRetryInterval{5'000};  // after the queue was full

}  // namespace

Timekeeper::Timekeeper(const Clock& clock, PassTimeCall pass_time)
    : clock_(clock), pass_time_(std::move(pass_time)) {}

Timekeeper::~Timekeeper() {
  stop();
}

void Timekeeper::start() {
  thread_ = std::thread([this] { run(); });
}

void Timekeeper::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Timekeeper::set_due(std::int64_t due_us) {
  {
    const std::scoped_lock lock(mutex_);
    due_us_ = due_us;
  }
  changed_.notify_all();
}

bool Timekeeper::is_due() const {
  return due_us_ != 0 && !asked_ && due_us_ <= clock_.now_us();
}

void Timekeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (is_due()) {
      asked_ = true;
      lock.unlock();
      const bool queued = pass_time_([this] {
        const std::scoped_lock taken(mutex_);
        asked_ = false;
        changed_.notify_all();
      });
      lock.lock();
      if (!queued) {
        asked_ = false;
        changed_.wait_for(lock, kRetryInterval);
      }
    } else if (due_us_ == 0 || asked_) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, std::min(kLookInterval, microseconds(due_us_ - clock_.now_us())));
    }
  }
}

}  // namespace runledger::core
