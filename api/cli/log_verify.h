// `runledger log verify` and `runledger log checkpoint export`: whether a log is sound, and a
// statement of where it stands for somebody to keep.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace runledger::cli {

// Exit codes of `log verify`, part of the command line's contract.
inline constexpr int kVerifySound = 0;
inline constexpr int kVerifyDamaged = 1;
inline constexpr int kVerifyCouldNotLook = 2;

void add_log_verify(CLI::App& log, std::function<int()>& chosen);
void add_log_checkpoint(CLI::App& log, std::function<int()>& chosen);

}  // namespace runledger::cli
