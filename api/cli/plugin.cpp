// `runledger plugin`: for those who write plugins, and for those who run them.
#include "api/cli/commands.h"
#include "api/cli/plugin_commands.h"
#include "core/worker/limits.h"

namespace runledger::cli {
namespace {

std::filesystem::path this_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

}  // namespace

core::worker::HostSettings plugin_host_settings() {
  return {this_program(), core::worker::kHostMemoryBytes, {}};
}

std::filesystem::path default_plugins() {
  return this_program().parent_path() / "plugins";
}

void add_plugin(CLI::App& app, Chosen& chosen) {
  CLI::App* plugin = app.add_subcommand("plugin", "Write, check and list plugins");
  plugin->require_subcommand(1);
  add_plugin_new(*plugin, chosen);
  add_plugin_check(*plugin, chosen);
  add_plugin_list(*plugin, chosen);
}

}  // namespace runledger::cli
