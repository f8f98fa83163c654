// Starts the program of a plugin's process.
#pragma once

#include <sys/types.h>

#include "core/worker/host_process.h"

namespace runledger::core::worker {

struct HostArguments {
  std::string purpose;  // "run" or "describe"
  std::filesystem::path plugin;
  std::uint64_t memory_bytes = 0;
  bool processes = false;
};

// Their ends, none of them below kHostTraceNumber + 1.
struct HostDescriptors {
  int socket = -1;
  int out = -1;
  int err = -1;
  int trace = -1;
};

// Throws std::system_error.
pid_t spawn_host(const HostSettings& settings, const HostArguments& arguments,
                 const HostDescriptors& descriptors);

}  // namespace runledger::core::worker
