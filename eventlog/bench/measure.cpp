#include "eventlog/bench/measure.h"

#include <algorithm>
#include <ctime>
#include <numeric>

namespace runledger::eventlog::bench {
namespace {

double nth_of(std::vector<double>& values, double share) {
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

}  // namespace

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double thread_cpu_us() {
  std::timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

Latency latency_of(std::vector<double> took_us) {
  if (took_us.empty()) return {};
  return {.p50_us = nth_of(took_us, 0.5), .p99_us = nth_of(took_us, 0.99)};
}

Rate rate_of(const std::vector<double>& took_us, std::size_t units) {
  const double sum = std::accumulate(took_us.begin(), took_us.end(), 0.0);
  const double done = static_cast<double>(units * took_us.size());
  return {.per_s = sum > 0 ? done * 1e6 / sum : 0, .latency = latency_of(took_us)};
}

}  // namespace runledger::eventlog::bench
