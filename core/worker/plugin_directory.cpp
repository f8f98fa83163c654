#include "core/worker/plugin_directory.h"

#include <algorithm>
#include <system_error>

namespace runledger::core::worker {
namespace {

namespace fs = std::filesystem;

std::string writable_problem(const fs::path& path) {
  std::error_code error;
  const auto permissions = fs::status(path, error).permissions();
  if (error) return "cannot be read: " + error.message();
  const auto others = fs::perms::group_write | fs::perms::others_write;
  if ((permissions & others) == fs::perms::none) return {};
  return "other users could change it: chmod go-w " + path.string();
}

std::vector<fs::path> libraries_in(const fs::path& directory, std::error_code& error) {
  std::vector<fs::path> files;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".so") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string duplicate_problem(const std::vector<Plugin>& loaded, const Plugin& plugin) {
  for (const Plugin& other : loaded) {
    for (const auto& theirs : other.task_types) {
      for (const auto& ours : plugin.task_types) {
        if (theirs.name != ours.name) continue;
        return "task type " + ours.name + " is already that of " + other.path.string();
      }
    }
  }
  return {};
}

void add(PluginDirectory& directory, const fs::path& file) {
  if (auto problem = writable_problem(file); !problem.empty()) {
    directory.refusals.push_back({file, std::move(problem)});
    return;
  }
  auto loaded = load_plugin(file);
  if (auto* refusal = std::get_if<PluginRefusal>(&loaded)) {
    directory.refusals.push_back(std::move(*refusal));
    return;
  }
  auto& plugin = std::get<Plugin>(loaded);
  if (auto problem = duplicate_problem(directory.plugins, plugin); !problem.empty()) {
    directory.refusals.push_back({file, std::move(problem)});
    return;
  }
  directory.plugins.push_back(std::move(plugin));
}

}  // namespace

std::vector<protocol::TaskTypeOffer> PluginDirectory::offers() const {
  std::vector<protocol::TaskTypeOffer> all;
  for (const Plugin& plugin : plugins) {
    all.insert(all.end(), plugin.task_types.begin(), plugin.task_types.end());
  }
  return all;
}

std::map<std::string, const runledger_plugin*> PluginDirectory::by_task_type() const {
  std::map<std::string, const runledger_plugin*> executors;
  for (const Plugin& plugin : plugins) {
    for (const auto& type : plugin.task_types) executors.emplace(type.name, plugin.descriptor);
  }
  return executors;
}

PluginDirectory load_plugins(const fs::path& directory) {
  PluginDirectory loaded;
  if (auto problem = writable_problem(directory); !problem.empty()) {
    loaded.refusals.push_back({directory, std::move(problem)});
    return loaded;
  }
  std::error_code error;
  const auto files = libraries_in(directory, error);
  if (error) loaded.refusals.push_back({directory, "cannot be read: " + error.message()});
  for (const fs::path& file : files) add(loaded, file);
  return loaded;
}

}  // namespace runledger::core::worker
