// How the server ends when the log can no longer be written: one message, a short time in which
// callers that wait get their answers, exit code kExitIo. No destructor of the storage runs.
#pragma once

#include <signal.h>

#include <string>

namespace runledger::cli {

// For begin_fatal_end(): main waits for this signal too, which has to be blocked in every thread.
inline constexpr int kFatalEndSignal = SIGUSR1;

// Any thread, threads of RocksDB included; only the first call does anything. Writes the message,
// wakes main, and ends the process after kFatalEndMs if main has not done so by then.
void begin_fatal_end(const std::string& reason);
inline constexpr int kFatalEndMs = 2000;

bool fatal_end_begun();
// Main, when answers have been given.
[[noreturn]] void finish_fatal_end();

}  // namespace runledger::cli
