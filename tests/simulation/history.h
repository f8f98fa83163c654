// Histories: lists of moves that a seed gives, run from nothing, and made shorter when they fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runledger::simulation {

struct History {
  std::uint64_t seed = 0;  // of the world
  std::vector<std::uint64_t> moves;
};

History history_of(std::uint64_t seed);

struct Result {
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::optional<std::string> violation;
  std::string log;  // of a failure: one event a line
};
Result run(const History& history);

// Leaves out moves while it goes on failing in the same way, for at most so many runs.
History shrunk(History failing, const std::string& violation, std::size_t runs_max);

// A failure for people: what is violated, the log, the command that repeats it.
std::string report_of(const History& history, const Result& result);

}  // namespace runledger::simulation
