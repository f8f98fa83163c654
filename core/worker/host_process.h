// One plugin's process, seen from the worker: started, talked to, ended with all that it has
// started. It leads a process group of its own, has /dev/null, two pipes, the socket and the pipe
// for a crash's trace, and of the environment what is listed.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/worker/frame_socket.h"
#include "core/worker/host_end.h"
#include "core/worker/host_watch.h"

namespace runledger::core::worker {

struct HostSettings {
  std::filesystem::path program;  // has the sub-command plugin-host
  std::uint64_t memory_bytes = 0;
  std::vector<std::string> variables;  // of the environment, beside the usual ones
};

enum class HostPurpose { kDescribe, kRunTasks };

// One thread, but for kill(). It ends with the thread that has started it.
class HostProcess {
 public:
  using Clock = std::chrono::steady_clock;

  // Throws std::system_error when no process can be started.
  HostProcess(const HostSettings& settings, const std::filesystem::path& plugin, bool processes,
              HostPurpose purpose, HostWatch& watch);
  ~HostProcess();  // kills it
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  FrameSocket& socket() { return *socket_; }
  pid_t pid() const { return pid_; }
  const std::filesystem::path& plugin() const { return plugin_; }
  std::uint64_t memory_bytes() const { return memory_bytes_; }
  const HostOutput& output() const { return *output_; }

  // Waits for a frame. Nothing: it has ended, or sent nonsense (then it is killed), or the time is
  // over; end() says which.
  std::optional<Frame> receive(std::optional<Clock::time_point> until);
  // Any thread: it and all that it has started. The first reason stands.
  void kill(KilledFor reason);
  // Kills what is left, waits, and tells how it was. Once.
  HostEnd end();

  std::uint32_t tasks_run() const { return tasks_run_; }
  // A task has ended in it: whether it may have another.
  bool worth_keeping();
  void note_ready();   // its library is loaded
  bool ended() const;  // has it, without being asked to?

 private:
  void start(const HostSettings& settings, bool processes, HostPurpose purpose, HostWatch& watch);

  const std::filesystem::path plugin_;
  const std::uint64_t memory_bytes_;
  HostWatch& watch_;
  std::unique_ptr<FrameSocket> socket_;
  std::shared_ptr<HostOutput> output_;
  FileDescriptor trace_;
  FileDescriptor pidfd_;
  FileDescriptor threads_;   // its directory of threads, and
  FileDescriptor resident_;  // its memory, to be looked at after each task
  pid_t pid_ = -1;
  bool reaped_ = false;
  std::atomic<KilledFor> killed_for_ = KilledFor::kNothing;
  const bool processes_;  // it may start some
  std::uint32_t tasks_run_ = 0;
  std::uint32_t threads_when_ready_ = 0;
};

}  // namespace runledger::core::worker
