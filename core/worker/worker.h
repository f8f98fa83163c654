// The worker process: holds one session with the server, leases tasks, and has them run in
// processes of their own, which load the plugins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/worker/limits.h"

namespace runledger::core::worker {

struct WorkerSettings {
  std::string server_url;                                // "http://127.0.0.1:8080"
  std::string token;                                     // bearer token with the role `worker`
  std::string name;                                      // "local-1"
  std::filesystem::path plugins;                         // directory of the *.so files
  std::uint32_t slots = 2;                               // tasks side by side
  std::uint64_t plugin_memory_bytes = kHostMemoryBytes;  // of one plugin's process
  std::vector<std::string> plugin_variables;   // of the environment, for plugins' processes
  std::vector<std::string> credentials;        // as read_credential() wants them
  std::vector<std::string> allowed_endpoints;  // not public, and plugins may call them all the same
  // The program that has the sub-command plugin-host.
  std::filesystem::path host_program = "/proc/self/exe";
  // Pid of the parent that it ends with; 0 for a free-standing worker.
  std::int64_t supervised_by = 0;
};

// Runs until the session is refused, SIGTERM/SIGINT (drains first) or, when supervised, the server
// has gone. Gives the process exit status; README.md has the codes.
int run_worker(const WorkerSettings& settings);

}  // namespace runledger::core::worker
