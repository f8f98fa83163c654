#include "api/cli/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace runledger::cli {
namespace {

constexpr int kBarCharacters = 30;
constexpr const char* kClearLine = "\r\033[K";

}  // namespace

ProgressBar::ProgressBar(std::string what)
    : what_(std::move(what)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()) {}

ProgressBar::~ProgressBar() {
  if (terminal_) std::fputs(kClearLine, stderr);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total) {
  if (!terminal_ || done == 0 || total == 0) return;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double rate = static_cast<double>(done) / std::max(seconds, 1e-3);
  const double left = static_cast<double>(total - done) / rate;
  const int filled = static_cast<int>(std::lround(share * kBarCharacters));
  std::fprintf(stderr, "%s%s [%.*s%.*s] %3.0f%%  %.0f/s  %.0f s left", kClearLine, what_.c_str(),
               filled, "##############################", kBarCharacters - filled,
               "..............................", 100 * share, rate, left);
}

}  // namespace runledger::cli
