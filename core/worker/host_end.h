// How a plugin's process ended that should have gone on, for the record of the attempt. Plain
// values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/protocol/messages.h"

namespace runledger::core::worker {

// The worker ended it.
enum class KilledFor {
  kNothing,           // it did not
  kNotStopping,       // told to stop, its grace over
  kNotStarting,       // its library was not loaded in time
  kTooManyProcesses,  // more than kHostProcessesMax
  kBadFrames,         // what it sent was none of the messages
  kConnectionClosed,  // it lives and has closed its side
};

struct HostEnd {
  int status = 0;  // as from waitpid
  KilledFor killed_for = KilledFor::kNothing;
  std::string trace;                    // crash_trace.h, unchecked
  std::vector<std::string> last_lines;  // of its stderr
};

// One line for people: "signal 11 (SIGSEGV) at address 0x0, …", "the plugin called exit(3)".
std::string cause_of(const HostEnd& end);
// The attempt's failure: plugin_crashed, retryable.
protocol::FailedReport failure_of(const HostEnd& end);
// Backtrace and last lines, if there are any, of at most kTextBytesMax bytes.
std::optional<protocol::LogReport> log_of(const HostEnd& end);

}  // namespace runledger::core::worker
