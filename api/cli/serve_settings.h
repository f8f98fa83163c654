// What `serve` may be told, and where it was told: flags come before the environment, that before
// the configuration file, that before the defaults.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/worker/limits.h"

namespace runledger::cli {

struct ServeSettings {
  std::string data = "runledger-data";
  std::string listen = "127.0.0.1:8080";
  std::string plugins;        // empty: the directory `plugins` beside the program
  std::uint32_t workers = 2;  // tasks of local execution side by side, each in a process
  std::uint64_t plugin_memory_bytes = core::worker::kHostMemoryBytes;  // of one such process
  std::vector<std::string> plugin_variables;        // of the environment, that such a process has
  std::vector<std::string> credentials;             // as --credential has them
  std::vector<std::string> allowed_endpoints;       // as --allow-endpoint has them
  std::optional<std::uint64_t> free_space_min;      // bytes; none: the low-water mark of the engine
  std::optional<std::uint32_t> tenant_running_max;  // tasks at work for one tenant; none: no limit
  std::string type_running_max;                     // "image=2,video=1"
  std::uint64_t overdue_after_s = 24 * 3600;        // until the watchdog speaks; 0: never
  // How long the leases of a worker elsewhere stay its own while it is away.
  std::uint64_t worker_grace_s = 30;
  std::string config;                             // empty: none
  std::optional<std::uint64_t> accept_data_loss;  // as many events as a refused start has named

  std::string address;                                            // of `listen`
  std::map<std::string, std::uint32_t, std::less<>> type_limits;  // from type_running_max
  std::uint16_t port = 0;                                         // of `listen`; 0: any free one
};

void add_serve_options(CLI::App& command, ServeSettings& settings);
// Adds what the file says and nothing above it has said; checks all of it. Throws Failure with
// every mistake at once.
void complete(const CLI::App& command, ServeSettings& settings);

}  // namespace runledger::cli
