// Runs tasks of one plugin in processes of their own, each with a limit, and says what is wrong
// with how they went. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/check/check_plugin.h"
#include "core/check/one_host.h"
#include "core/check/rehearsal.h"

namespace runledger::core::check {

using Milliseconds = std::chrono::milliseconds;

inline constexpr std::size_t kCrashesMax = 32;  // tried of one task, from the first call on

struct Trial {
  std::string task_type;
  std::string input;
  Rehearsed rehearsed;
  Milliseconds took{0};
  bool out_of_time = false;
  std::string crash;  // how its process has ended; empty: it has not
};

class PluginTrials {
 public:
  // The references must outlive it.
  PluginTrials(const CheckSettings& settings, const worker::PluginFile& plugin)
      : settings_(settings), plugin_(plugin), resources_(settings.resources) {}

  // To its end, in a process of its own.
  Trial run(const std::string& task_type, const std::string& input);

  // What follows gives what is wrong, or nothing. `whole` is a trial that has succeeded.

  // Begun anew in another process with what was recorded up to each of its durable calls, as after
  // a crash there: the same calls, and with the same results of them the same output. So is a crash
  // while it hands over a job: it asks for the job, or leaves it to a person.
  std::optional<std::string> crashed(const Trial& whole);
  // Told to stop at once, and in the middle.
  std::optional<std::string> stopped(const Trial& whole);
  // Twice in one process.
  std::optional<std::string> repeated(const Trial& whole);
  // Its input is one that the schema forbids: it may fail, not crash.
  std::optional<std::string> malformed(const std::string& task_type, const std::string& input);

 private:
  Trial run_in(OneHost& host, protocol::LeasedTask task, Milliseconds time_limit,
               std::optional<Milliseconds> stop_after, Placeholders placeholders = {});
  // In a process of its own, as the next attempt after a crash at its call of that number.
  Trial run_again(const Trial& whole, std::size_t calls, bool handing_over);
  std::optional<std::string> stopped_after(const Trial& whole, Milliseconds time);

  const CheckSettings& settings_;
  const worker::PluginFile& plugin_;
  FileResources resources_;
  worker::HostWatch watch_;
  std::unique_ptr<OneHost> for_malformed_;  // until it crashes: each process costs its time
};

// What it has come to when that is no success; for people.
std::optional<std::string> failure_text(const Trial& trial);

}  // namespace runledger::core::check
