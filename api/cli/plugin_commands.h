// The commands of `runledger plugin`, and what they have in common.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "core/worker/host_process.h"

namespace runledger::cli {

void add_plugin_new(CLI::App& plugin, std::function<int()>& chosen);
void add_plugin_check(CLI::App& plugin, std::function<int()>& chosen);
void add_plugin_list(CLI::App& plugin, std::function<int()>& chosen);

// Plugins' processes of this program, without variables of the environment beyond the usual ones.
core::worker::HostSettings plugin_host_settings();
// Where `serve` looks for plugins unless it is told otherwise: beside the program.
std::filesystem::path default_plugins();

}  // namespace runledger::cli
