// The options that say what plugins' processes are given and may call: those of `worker`, and of
// `serve`, which hands them on.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace runledger::cli {

// Where the values go; must outlive the command.
struct PluginOptions {
  std::uint64_t& memory_bytes;
  std::vector<std::string>& variables;
  std::vector<std::string>& credentials;
  std::vector<std::string>& allowed_endpoints;
};

void add_plugin_options(CLI::App& command, const PluginOptions& options);

}  // namespace runledger::cli
