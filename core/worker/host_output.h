// What a plugin's process writes to stdout and stderr. It is taken from it as fast as it comes, so
// that it never waits: bytes of stdout are counted, lines of stderr go to the log, few a second,
// and the last of them are kept.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/file_descriptor.h"

namespace runledger::core::worker {

// One thread drains (HostWatch); the rest is for any.
class HostOutput {
 public:
  HostOutput(std::string name, FileDescriptor out, FileDescriptor err)
      : name_(std::move(name)), out_(std::move(out)), err_(std::move(err)) {}

  // The draining thread's: descriptors that are still open (-1 otherwise), and reading them.
  int out() const { return out_.get(); }
  int err() const { return err_.get(); }
  void drain_out(int null);
  void drain_err();

  // Waits until all has been read that the process left, but not for long.
  std::vector<std::string> last_lines();
  std::uint64_t out_bytes() const;

 private:
  using Clock = std::chrono::steady_clock;

  void take(const char* bytes, std::size_t size);
  void end_line();  // under the lock
  void log(const std::string& line);

  const std::string name_;
  FileDescriptor out_;
  FileDescriptor err_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool err_ended_ = false;
  std::uint64_t out_bytes_ = 0;
  std::string line_;
  std::deque<std::string> last_lines_;
  Clock::time_point second_began_;
  std::size_t lines_this_second_ = 0;
  std::uint64_t lines_left_out_ = 0;
};

}  // namespace runledger::core::worker
