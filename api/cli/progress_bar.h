// A progress bar on stderr, if that is a terminal; else nothing. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace runledger::cli {

class ProgressBar {
 public:
  explicit ProgressBar(std::string what);
  ~ProgressBar();  // clears the line

  void show(std::uint64_t done, std::uint64_t total);

 private:
  std::string what_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace runledger::cli
