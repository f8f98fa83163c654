// All plugins of a directory, as a worker knows them: each was described by a process of its own,
// none is loaded here.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "core/protocol/messages.h"
#include "core/worker/plugin.h"
#include "core/worker/plugin_manifest.h"

namespace runledger::core::worker {

struct PluginFile {
  std::filesystem::path path;
  std::string name;
  std::vector<protocol::TaskTypeOffer> task_types;
  bool processes = false;                                  // it starts programs
  struct stat seen {};                                     // of the file that was described
  std::map<std::string, std::uint64_t> memory_bytes = {};  // by task type, of those with a limit

  // Why it is no longer the file that was described; empty when it is.
  std::string changed() const;
};

struct PluginDirectory {
  std::vector<PluginFile> plugins;  // by file name
  std::vector<PluginRefusal> refusals;

  std::vector<protocol::TaskTypeOffer> offers() const;
  // A task type may have less memory than the worker gives a process, and not more: refuses those
  // that ask for more.
  void keep_within(std::uint64_t memory_bytes);
};

// The manifest's text, or why the library is not to be used.
using Description = std::variant<std::string, PluginRefusal>;
using Describe = std::function<Description(const std::filesystem::path&)>;

// Whether others could change it: then it must not be used, and this says what to do.
std::string writable_problem(const std::filesystem::path& path);
// Describes one file and reads its manifest.
std::variant<PluginFile, PluginRefusal> look_at_plugin(const std::filesystem::path& file,
                                                       const Describe& describe);

// Describes each *.so. What others could have changed (a group- or world-writable file or
// directory) is not touched, nor is a plugin taken with a task type that an earlier one has.
PluginDirectory find_plugins(const std::filesystem::path& directory, const Describe& describe);

}  // namespace runledger::core::worker
