// What `runledger plugin check` finds out about a plugin before anybody runs it for good. Nothing
// of the plugin runs in the process that asks: it is described and tried in confined processes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/check/file_resources.h"
#include "core/worker/host_process.h"

namespace runledger::core::check {

enum class CheckStatus { kPass, kFail, kSkip };
const char* name_of(CheckStatus status);  // "pass", "fail", "skip"

struct CheckResult {
  std::string name;  // stable: scripts match on it
  CheckStatus status = CheckStatus::kPass;
  std::string detail;  // what was looked at; what is wrong; why it was not looked at
};

struct ExtraInput {
  std::string task_type;
  std::string json;
};

struct CheckSettings {
  worker::HostSettings hosts;
  std::chrono::milliseconds time_limit{60'000};        // for one run of one task
  std::chrono::milliseconds stop_within{1000};         // from being told to stop to the end
  std::vector<ExtraInput> inputs = {};                 // beside the manifest's examples
  std::map<std::string, FileResource> resources = {};  // that tasks can read, by id
  bool external_calls = false;  // whether task types run that say they make some
  // Before each check: how many are done, of how many, and the name of the next.
  std::function<void(std::size_t, std::size_t, const std::string&)> on_check = {};
};

struct CheckReport {
  std::filesystem::path file;
  std::vector<CheckResult> checks;
  bool ok() const;  // none has failed
};

// Throws std::system_error when it cannot look: the file cannot be read, no process be started.
CheckReport check_plugin(const std::filesystem::path& file, const CheckSettings& settings);

}  // namespace runledger::core::check
