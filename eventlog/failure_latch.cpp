#include "eventlog/failure_latch.h"

namespace runledger::eventlog {

void FailureLatch::fail(const std::string& reason) {
  {
    const std::scoped_lock lock(mutex_);
    if (failed()) return;
    reason_ = reason;
    failed_.store(true, std::memory_order_release);
  }
  if (hook_) hook_(reason);
}

std::string FailureLatch::reason() const {
  const std::scoped_lock lock(mutex_);
  return reason_;
}

std::string way_out_of_failure(bool disk_is_full) {
  return disk_is_full ? "; make room on that file system"
                      : "; look for errors of the disk in the kernel's log";
}

}  // namespace runledger::eventlog
