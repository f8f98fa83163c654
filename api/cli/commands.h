// The commands, one file each. A command adds its options to the parser and, when it is chosen,
// sets what main() is to run after parsing; that gives the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace runledger::cli {

using Chosen = std::function<int()>;

void add_serve(CLI::App& app, Chosen& chosen);
void add_worker(CLI::App& app, Chosen& chosen);
void add_plugin(CLI::App& app, Chosen& chosen);
void add_submit(CLI::App& app, Chosen& chosen);
void add_events(CLI::App& app, Chosen& chosen);
void add_resolve(CLI::App& app, Chosen& chosen);
void add_token(CLI::App& app, Chosen& chosen);
void add_log(CLI::App& app, Chosen& chosen);
void add_bench(CLI::App& app, Chosen& chosen);

}  // namespace runledger::cli
