// The process in which a plugin runs: `runledger plugin-host …`, started by a worker and by nobody
// else. It gives up what it does not need, loads one library, and runs one task after another.
#pragma once

namespace runledger::core::worker {

// arguments: plugin-host run|describe FILE MEMORY_BYTES PROCESSES WORKER_PID. Gives the process's
// exit status; usually it ends without returning.
int run_plugin_host(int count, char** arguments);

inline constexpr const char* kPluginHostCommand = "plugin-host";

}  // namespace runledger::core::worker
