#include "tests/simulation/history.h"

#include <algorithm>
#include <exception>
#include <sstream>

#include "tests/simulation/dice.h"
#include "tests/simulation/world.h"

namespace runledger::simulation {

namespace {

constexpr std::size_t kMovesMin = 20;
constexpr std::size_t kMovesMax = 400;
constexpr std::size_t kLogLinesMax = 300;
constexpr std::size_t kKindCharacters = 60;

std::string log_of(const eventlog::Storage& storage) {
  std::string text;
  std::size_t lines = 0;
  storage.log().read(0, [&](const eventlog::RecordView& record) {
    text += std::to_string(record.offset) + " " + std::string(record.stream) + " " +
            std::string(record.type) + " " + std::string(record.actor) + " " +
            std::string(record.payload) + "\n";
    return ++lines < kLogLinesMax;
  });
  return text;
}

// What is violated, whatever the ids and numbers.
std::string kind_of(const std::string& violation) {
  std::istringstream words(violation);
  std::string kind;
  for (std::string word; words >> word;) {
    if (word.find_first_of("_0123456789") == std::string::npos) kind += word + " ";
  }
  return kind.substr(0, kKindCharacters);
}

}  // namespace

History history_of(std::uint64_t seed) {
  Dice dice(seed);
  History history{seed, {}};
  for (std::size_t moves = kMovesMin + dice.below(kMovesMax - kMovesMin); moves > 0; --moves) {
    history.moves.push_back(dice.next());
  }
  return history;
}

Result run(const History& history) {
  World world(history.seed);
  Result result;
  try {
    for (const std::uint64_t move : history.moves) world.move(move);
    world.come_to_rest();
  } catch (const std::exception& broken) {
    result.violation = broken.what();
    result.log = log_of(world.storage());
  }
  result.commands = world.commands();
  result.events = world.storage().log().head();
  return result;
}

// Large pieces first, then ever smaller ones.
History shrunk(History failing, const std::string& violation, std::size_t runs_max) {
  const std::string kind = kind_of(violation);
  for (std::size_t piece = failing.moves.size() / 2; piece > 0; piece /= 2) {
    for (std::size_t at = 0; at < failing.moves.size() && runs_max > 0;) {
      History shorter{failing.seed, failing.moves};
      const auto from = shorter.moves.begin() + static_cast<std::ptrdiff_t>(at);
      const auto length = std::min(piece, shorter.moves.size() - at);
      shorter.moves.erase(from, from + static_cast<std::ptrdiff_t>(length));
      --runs_max;
      const Result result = run(shorter);
      if (result.violation && kind_of(*result.violation) == kind) {
        failing = std::move(shorter);
      } else {
        at += piece;
      }
    }
  }
  return failing;
}

std::string report_of(const History& history, const Result& result) {
  return result.violation.value_or("nothing") + "\nwith " + std::to_string(history.moves.size()) +
         " moves left of seed " + std::to_string(history.seed) +
         "; to repeat it:\n  RUNLEDGER_SEED=" + std::to_string(history.seed) +
         " build/tests/simulation_test\n" + result.log;
}

}  // namespace runledger::simulation
