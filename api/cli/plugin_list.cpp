// `runledger plugin list`: what a worker would load from a directory, and what it would refuse.
#include <spdlog/spdlog.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/plugin_commands.h"
#include "core/worker/describe.h"
#include "core/worker/plugin_directory.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;
using core::worker::PluginDirectory;
using core::worker::PluginFile;

struct ListCommand {
  std::string plugins;
  bool json = false;
};

Json as_json(const std::string& directory, const PluginDirectory& found) {
  Json plugins = Json::array();
  for (const PluginFile& plugin : found.plugins) {
    Json types = Json::array();
    for (const auto& type : plugin.task_types) types.push_back(type.name);
    plugins.push_back({{"file", plugin.path.string()},
                       {"name", plugin.name},
                       {"version", plugin.task_types.front().version},
                       {"sha256", plugin.task_types.front().plugin_sha256},
                       {"processes", plugin.processes},
                       {"task_types", std::move(types)}});
  }
  Json refused = Json::array();
  for (const auto& refusal : found.refusals) {
    refused.push_back({{"file", refusal.path.string()}, {"reason", refusal.reason}});
  }
  return {{"directory", directory}, {"plugins", plugins}, {"refused", refused}};
}

void print(const PluginDirectory& found) {
  for (const PluginFile& plugin : found.plugins) {
    std::cout << plugin.path.filename().string() << "  " << plugin.name << " "
              << plugin.task_types.front().version << "  task types:";
    for (const auto& type : plugin.task_types) std::cout << " " << type.name;
    std::cout << (plugin.processes ? "  (starts programs)" : "") << "\n    sha256 "
              << plugin.task_types.front().plugin_sha256 << "\n";
  }
  for (const auto& refusal : found.refusals) {
    std::cout << refusal.path.filename().string() << "  refused: " << refusal.reason << "\n";
  }
}

int list(const ListCommand& command) {
  if (!std::filesystem::is_directory(command.plugins)) {
    std::cerr << "runledger: There is no directory " << command.plugins << "\n";
    return kExitCouldNotLook;
  }
  spdlog::set_level(spdlog::level::off);  // what plugins write when they are loaded
  const auto hosts = plugin_host_settings();
  core::worker::HostWatch watch;
  const auto found =
      core::worker::find_plugins(command.plugins, [&](const std::filesystem::path& file) {
        return core::worker::describe_plugin(hosts, file, watch);
      });
  if (command.json) {
    std::cout
        << as_json(command.plugins, found).dump(-1, ' ', false, Json::error_handler_t::replace)
        << "\n";
  } else {
    print(found);
  }
  return found.refusals.empty() ? kExitOk : kExitFindings;
}

}  // namespace

void add_plugin_list(CLI::App& plugin, std::function<int()>& chosen) {
  auto options = std::make_shared<ListCommand>();
  CLI::App* command = plugin.add_subcommand(
      "list",
      "What a worker loads from a directory, and what it refuses and why: exit 0 all are "
      "loaded, 1 some are refused, 2 could not look");
  command->add_option("--plugins", options->plugins, "Directory of the plugins")
      ->envname("RUNLEDGER_PLUGINS");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] {
    chosen = [options] {
      if (options->plugins.empty()) options->plugins = default_plugins().string();
      return list(*options);
    };
  });
}

}  // namespace runledger::cli
