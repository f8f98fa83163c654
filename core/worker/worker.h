// The worker process: loads plugins, holds one session with the server, runs what it leases.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace runledger::core::worker {

struct WorkerSettings {
  std::string server_url;         // "http://127.0.0.1:8080"
  std::string token;              // bearer token with the role `worker`
  std::string name;               // "local-1"
  std::filesystem::path plugins;  // directory of the *.so files
  std::uint32_t slots = 2;        // tasks side by side
  // Pid of the parent that it ends with; 0 for a free-standing worker.
  std::int64_t supervised_by = 0;
};

// Runs until the session is refused, SIGTERM/SIGINT (drains first) or, when supervised, the server
// has gone. Gives the process exit status; README.md has the codes. Ends the process itself, with
// 70, when a task ignores its stop.
int run_worker(const WorkerSettings& settings);

}  // namespace runledger::core::worker
