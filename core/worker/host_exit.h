// What a plugin's process and its worker have agreed on beyond frames.
#pragma once

#include <fcntl.h>

namespace runledger::core::worker {

// With which the process ends by itself; a plugin that calls exit() usually has smaller ones.
inline constexpr int kHostExitCutOff = 113;    // its connection does not work from inside
inline constexpr int kHostExitConfined = 114;  // its limits could not be set
inline constexpr int kHostExitMisused = 115;   // it was not started by a worker, or told nonsense

// Where the descriptors are that it is started with.
inline constexpr int kHostSocketNumber = 3;
inline constexpr int kHostTraceNumber = 4;  // takes what a crash leaves (crash_trace.h)

// Content is handed over in a file that can no longer change.
inline constexpr int kArtifactSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

}  // namespace runledger::core::worker
