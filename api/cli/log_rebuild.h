// `runledger log rebuild`: folds all views anew, compares them with the stored ones, mends them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace runledger::cli {

// Exit codes of `log rebuild`, part of the command line's contract.
inline constexpr int kRebuildSame = 0;  // or mended
inline constexpr int kRebuildDifferent = 1;
inline constexpr int kRebuildCouldNotLook = 2;

void add_log_rebuild(CLI::App& log, std::function<int()>& chosen);

}  // namespace runledger::cli
