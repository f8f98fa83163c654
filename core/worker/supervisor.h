// Starts worker processes and starts them again when they end. One thread of its own, which lives
// as long as the object: the workers ask the kernel to be killed when it ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/worker/limits.h"

namespace runledger::core::worker {

struct SupervisorSettings {
  std::filesystem::path executable;  // this binary
  std::string server_url;
  std::string token;  // handed over in the child's environment, never in its arguments
  std::filesystem::path plugins;
  std::size_t workers = 1;
  std::uint32_t slots_per_worker = 2;
  std::uint64_t plugin_memory_bytes = kHostMemoryBytes;
  std::vector<std::string> plugin_variables;
  std::vector<std::string> credentials;
  std::vector<std::string> allowed_endpoints;
  std::chrono::milliseconds stop_grace{10'000};  // from SIGTERM to SIGKILL
};

// A worker process ended without having been told to. Called on the supervisor's thread.
struct WorkerExit {
  std::string name;  // "local-1"
  std::int64_t pid = 0;
  int status = 0;  // as from waitpid
};

class Supervisor {
 public:
  Supervisor(SupervisorSettings settings, std::function<void(const WorkerExit&)> on_exit);
  ~Supervisor();  // stops
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  void start();
  // SIGTERM to each, SIGKILL to what is left after the grace period. Returns when all have ended.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
