// Sees to it that what is due happens: asks for PassTime when the time has come. A thread of its
// own that sleeps until then. set_due() may be called from any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/clock.h"

namespace runledger::core {

class Timekeeper {
 public:
  // pass_time puts the command into the sequencer's queue and calls back when it has been taken;
  // false: the queue is full, it is tried again. The clock outlives the object.
  using PassTimeCall = std::function<bool(std::function<void()> taken)>;
  Timekeeper(const Clock& clock, PassTimeCall pass_time);
  ~Timekeeper();  // stops

  void start();
  void stop();
  void set_due(std::int64_t due_us);  // microseconds since 1970 UTC; 0: never

 private:
  void run();
  bool is_due() const;  // the mutex is held

  const Clock& clock_;
  const PassTimeCall pass_time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t due_us_ = 0;
  bool asked_ = false;  // and not yet taken
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace runledger::core
