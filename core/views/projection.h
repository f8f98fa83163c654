// From events to rows. Collects what a group of events changes and gives each changed row once.
// Owned by the thread that applies the events.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/domain/events.h"
#include "core/domain/state.h"
#include "eventlog/row_store.h"

namespace runledger::core {

class Projection {
 public:
  // Call after apply(): rows are rendered from the state as it is when they are taken.
  void note(const State& state, const Event& event);
  // Notes in the runs what is stored of them then; it is taken for granted that it comes to be.
  std::vector<eventlog::RowChange> take_rows(State& state);
  // The runs that the noted events belong to; cleared by take_rows().
  const std::set<std::string>& changed_runs() const { return changed_runs_; }

 private:
  void note_system(const State& state, const Event& event);
  void note_run(const State& state, const Event& event);
  void note_created(const Event& event, const RunCreated& created);
  void put_new_versions(const State& state);
  void note_status(const RunState& run);
  void put(std::string key, std::string value);
  void remove(std::string key);

  static constexpr std::uint64_t kNothingNoted = ~std::uint64_t{0};
  std::uint64_t first_noted_ = kNothingNoted;  // the lowest offset since the rows were taken
  std::map<std::string, std::optional<std::string>> rows_;
  std::set<std::string> changed_runs_;
};

}  // namespace runledger::core
