// What a plugin's process gives up before any of the plugin's code runs: privileges, memory, files,
// and system calls that plugins have no business with. For the process's beginning, before it has
// threads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace runledger::core::worker {

struct Confinement {
  std::uint64_t memory_bytes = 0;  // of address space
  bool processes = false;          // whether it may start processes
  pid_t worker = 0;                // its parent, with whom it ends
};

// Why not; empty when it is done. There is no way back.
std::string confine(const Confinement& wanted);

// The filter alone (seccomp). What is denied fails with EPERM and ends nobody.
std::string filter_system_calls(const Confinement& wanted);

}  // namespace runledger::core::worker
