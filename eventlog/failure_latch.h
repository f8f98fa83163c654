// The first failed write of a storage: after it nothing is written again, whoever has met it. Any
// thread.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

namespace runledger::eventlog {

class FailureLatch {
 public:
  using Hook = std::function<void(const std::string& reason)>;

  // The hook is called for the first failure, by the thread that reports it; it may be empty.
  explicit FailureLatch(Hook hook) : hook_(std::move(hook)) {}

  void fail(const std::string& reason);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // Of the first failure; empty before it.
  std::string reason() const;

 private:
  Hook hook_;
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::string reason_;
};

// What a person does about it, as the end of a reason: "; make room …".
std::string way_out_of_failure(bool disk_is_full);

}  // namespace runledger::eventlog
