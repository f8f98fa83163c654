// One plugin: a shared library whose descriptor has been checked. Any thread may use a loaded one.
#pragma once

#include <runledger/plugin.h>

#include <filesystem>
#include <string>
#include <variant>

namespace runledger::core::worker {

// The library stays in the process for good once it has been accepted: libraries that a plugin
// pulls in leave thread-local destructors and callbacks behind, which must find their code.
struct Plugin {
  std::filesystem::path path;
  const runledger_plugin* descriptor = nullptr;
};

struct PluginRefusal {
  std::filesystem::path path;
  std::string reason;
};

// Loads the library (which runs its static initialisers) and checks the descriptor before anything
// in it is called. The manifest is for whoever describes it to read.
std::variant<Plugin, PluginRefusal> load_plugin(const std::filesystem::path& file);

// The checks alone, for a descriptor in memory: why this worker cannot use it; empty when it can.
std::string descriptor_problem(const runledger_plugin& descriptor);

// Whether it has that function: one that was built for an earlier worker has not.
bool can_cancel_remote(const runledger_plugin& descriptor);

}  // namespace runledger::core::worker
