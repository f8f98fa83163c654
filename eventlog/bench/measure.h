// Times and what is said of them. Pure functions, any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace runledger::eventlog::bench {

using Clock = std::chrono::steady_clock;

double us_since(Clock::time_point start);
// What this thread has spent on a processor so far, the kernel's work for it included.
double thread_cpu_us();

struct Latency {
  double p50_us = 0;
  double p99_us = 0;
};

// Of at least one value.
Latency latency_of(std::vector<double> took_us);

struct Rate {
  double per_s = 0;
  Latency latency;
};

// Steps of `units` each, one after the other.
Rate rate_of(const std::vector<double>& took_us, std::size_t units);

}  // namespace runledger::eventlog::bench
