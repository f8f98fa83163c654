// All plugins of a directory.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/worker/plugin.h"

namespace runledger::core::worker {

struct PluginDirectory {
  std::vector<Plugin> plugins;  // by file name
  std::vector<PluginRefusal> refusals;

  std::vector<protocol::TaskTypeOffer> offers() const;
  std::map<std::string, const runledger_plugin*> by_task_type() const;
};

// Loads each *.so. What others could have changed (a group- or world-writable file or directory) is
// not loaded, nor a plugin with a task type that an earlier one has.
PluginDirectory load_plugins(const std::filesystem::path& directory);

}  // namespace runledger::core::worker
