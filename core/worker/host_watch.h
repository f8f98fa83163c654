// A worker's eye on its plugins' processes: drains what they write and counts what they start. One
// thread, whatever the number of processes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/worker/host_output.h"

namespace runledger::core::worker {

struct WatchedHost {
  std::shared_ptr<HostOutput> output;
  pid_t group = 0;                         // whose processes are counted; 0: none
  std::function<void()> on_too_many = {};  // on the watch's thread
};

// Any thread.
class HostWatch {
 public:
  HostWatch();
  ~HostWatch();
  HostWatch(const HostWatch&) = delete;
  HostWatch& operator=(const HostWatch&) = delete;

  void add(WatchedHost host);
  // Its processes are no longer counted when this returns; what is left to drain is drained.
  void forget_group(pid_t group);

 private:
  void run();
  void drain(const std::vector<WatchedHost>& hosts, int timeout_ms);
  void count_processes();

  FileDescriptor wake_;
  FileDescriptor null_;
  std::mutex mutex_;
  std::vector<WatchedHost> hosts_;
  bool ending_ = false;
  std::thread thread_;
};

// Processes of that group, by a look through /proc.
std::size_t processes_of(pid_t group);

}  // namespace runledger::core::worker
