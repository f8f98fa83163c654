// Random histories, as many as there is time for: RUNLEDGER_SIMULATION_SECONDS. RUNLEDGER_SEED runs
// one of them alone.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "tests/simulation/history.h"

namespace runledger::simulation {
namespace {

constexpr std::uint64_t kSeconds = 50;
constexpr std::size_t kShrinkRunsMax = 2000;

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// False: it failed, and the failure has been reported.
bool holds(std::uint64_t seed, Result& sum) {
  const History history = history_of(seed);
  const Result result = run(history);
  sum.commands += result.commands;
  sum.events += result.events;
  if (!result.violation) return true;
  const History shorter = shrunk(history, *result.violation, kShrinkRunsMax);
  ADD_FAILURE() << *result.violation << "\nshortened:\n" << report_of(shorter, run(shorter));
  return false;
}

TEST(Simulation, HoldsWhateverHappens) {
  using Clock = std::chrono::steady_clock;
  Result sum;
  if (std::getenv("RUNLEDGER_SEED") != nullptr) {
    holds(number_in("RUNLEDGER_SEED", 0), sum);
    return;
  }
  const auto seconds = number_in("RUNLEDGER_SIMULATION_SECONDS", kSeconds);
  const std::uint64_t first = number_in("RUNLEDGER_FIRST_SEED", 1);
  const auto start = Clock::now();
  const auto end = start + std::chrono::seconds(seconds);
  std::uint64_t seed = first;
  while (Clock::now() < end && holds(seed, sum)) ++seed;
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::cout << "seeds " << first << " to " << seed - 1 << ": " << seed - first << " histories, "
            << sum.commands << " commands, " << sum.events << " events, "
            << static_cast<std::uint64_t>(static_cast<double>(sum.commands) / took)
            << " commands/s\n";
  EXPECT_GT(sum.commands, 0u);
}

}  // namespace
}  // namespace runledger::simulation
