// `runledger log stats`, `log backup` and `log restore`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace runledger::cli {

void add_log_stats(CLI::App& log, std::function<int()>& chosen);
void add_log_backup(CLI::App& log, std::function<int()>& chosen);
void add_log_restore(CLI::App& log, std::function<int()>& chosen);

}  // namespace runledger::cli
