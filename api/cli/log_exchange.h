// `runledger log export` and `runledger log import`: a log as lines of text, and back.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace runledger::cli {

void add_log_export(CLI::App& log, std::function<int()>& chosen);
void add_log_import(CLI::App& log, std::function<int()>& chosen);

}  // namespace runledger::cli
