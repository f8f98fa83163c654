#include "core/worker/host_end.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "core/domain/commands.h"
#include "core/protocol/json_text.h"
#include "core/worker/host_exit.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

constexpr std::uint64_t kNearNullBytes = 64 * 1024;
constexpr std::uint64_t kNearStackBytes = 1024 * 1024;

struct Signal {
  int number = 0;
  int code = 0;
  unsigned long long address = 0;
  unsigned long long stack = 0;
};

std::optional<Signal> signal_in(const std::string& trace) {
  Signal found;
  const int read = std::sscanf(trace.c_str(), "signal %d code %d address %llx stack %llx",
                               &found.number, &found.code, &found.address, &found.stack);
  if (read != 4 || found.number <= 0 || found.number >= NSIG) return std::nullopt;
  return found;
}

std::string name_of(int signal) {
  const char* abbreviated = sigabbrev_np(signal);
  const std::string name = abbreviated == nullptr ? "unknown" : std::string("SIG") + abbreviated;
  return "signal " + std::to_string(signal) + " (" + name + ")";
}

std::string in_hex(unsigned long long number) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", number);
  return text;
}

std::string kind_of(const Signal& fault) {
  const auto distance =
      fault.address > fault.stack ? fault.address - fault.stack : fault.stack - fault.address;
  if (distance < kNearStackBytes && fault.address != 0) return "the stack has overflowed";
  if (fault.address < kNearNullBytes) return "a null pointer";
  if (fault.code == SEGV_ACCERR) return "memory that it may not use that way";
  return "no memory is there";
}

std::string signal_text(int ended_by, const std::string& trace) {
  const auto traced = signal_in(trace);
  const int number = traced ? traced->number : ended_by;
  std::string text = name_of(number);
  const bool is_fault = number == SIGSEGV || number == SIGBUS;
  if (traced && is_fault && traced->code > 0) {
    text += " at address " + in_hex(traced->address) + ": " + kind_of(*traced);
  }
  if (number == SIGABRT) text += ": the plugin aborted";
  if (number == SIGSYS) text += ": a system call that is not allowed";
  if (number == SIGXFSZ) {
    text += ": a file grew over " + std::to_string(kHostFileBytesMax) + " bytes";
  }
  if (number == SIGKILL) text += ", not by the worker: perhaps the machine is out of memory";
  return text;
}

std::string exit_text(int code) {
  switch (code) {
    case kHostExitCutOff:
      return "the plugin closed the connection of its process to the worker";
    case kHostExitConfined:
      return "its process could not be confined";
    case kHostExitMisused:
      return "its process was told what it does not understand";
    default:
      return "the plugin called exit(" + std::to_string(code) + ")";
  }
}

std::string frames_in(const std::string& trace) {
  const auto first_line = trace.find('\n');
  return first_line == std::string::npos ? "" : trace.substr(first_line + 1);
}

}  // namespace

std::string cause_of(const HostEnd& end) {
  switch (end.killed_for) {
    case KilledFor::kNotStopping:
      return "it did not stop when it was told to, and was killed";
    case KilledFor::kNotStarting:
      return "its library was not loaded within " +
             std::to_string(kHostStartTimeout.count() / 1000) + " s, and it was killed";
    case KilledFor::kTooManyProcesses:
      return "it had more than " + std::to_string(kHostProcessesMax) +
             " processes, and was killed with them";
    case KilledFor::kBadFrames:
      return "its process sent the worker what is no message, and was killed";
    case KilledFor::kConnectionClosed:
      return exit_text(kHostExitCutOff);
    case KilledFor::kNothing:
      break;
  }
  return WIFSIGNALED(end.status) ? signal_text(WTERMSIG(end.status), end.trace)
                                 : exit_text(WEXITSTATUS(end.status));
}

protocol::FailedReport failure_of(const HostEnd& end) {
  return {std::string(kPluginCrashed), "The plugin's process has ended: " + cause_of(end), true};
}

std::optional<protocol::LogReport> log_of(const HostEnd& end) {
  std::string text;
  if (const std::string frames = frames_in(end.trace); !frames.empty()) {
    text += "Backtrace, innermost first:\n" + frames;
  }
  if (!end.last_lines.empty()) {
    text += "The last lines of its stderr:\n";
    for (const std::string& line : end.last_lines) text += line + "\n";
  }
  if (text.empty()) return std::nullopt;
  const auto stays = [](char c) {
    return c == '\n' || static_cast<unsigned char>(c) >= 0x20;
  };
  std::replace_if(
      text.begin(), text.end(), [&](char c) { return !stays(c); }, '?');
  return protocol::LogReport{"error",
                             clipped(protocol::mended_utf8(std::move(text)), kTextBytesMax)};
}

}  // namespace runledger::core::worker
