// The engine without threads: takes groups of commands as the sequencer does, with rows in memory,
// a clock that is set by hand, and an end at any moment. Checks after every commit what must hold,
// and throws Violation. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/engine/transition.h"
#include "core/views/projection.h"
#include "eventlog/memory_storage.h"
#include "eventlog/storage.h"
#include "tests/simulation/watcher.h"

namespace runledger::simulation {

struct MachineSettings {
  std::size_t runs_in_memory_max = 1000;
  core::Policy policy;
};

class Machine {
 public:
  explicit Machine(MachineSettings settings);

  // Durable when it returns, in the order given.
  std::vector<core::Outcome> take(std::vector<core::Command> commands);
  // Taken, but the process ends before the commit.
  void take_and_crash(const std::vector<core::Command>& commands);
  // The process ends and starts again; all that it knew must come back.
  void restart();

  // Everything that must hold between commits, slow parts included.
  void check_all();

  // As it is stored, also of an ended run; nullptr: there is none. Valid until the next call.
  const core::RunState* look(const std::string& run_id);
  const core::State& state() const { return state_; }
  const Watcher& watcher() const { return watcher_; }
  const eventlog::Storage& storage() const { return *storage_; }
  // What workers have been told to stop since the last call.
  std::vector<core::StopTask> take_stops() { return std::move(stops_); }
  // The workers asked for more than they got: until they are woken, they do not ask.
  void workers_sleep() { workers_asleep_ = true; }

 private:
  struct Group;
  core::Outcome take_one(const core::Command& command, core::Transition& transition,
                         std::string& lease);
  void add_event(const core::Event& event, std::string payload, const std::string& lease,
                 Group& group);
  void commit(Group& group);
  void take_actions(std::vector<core::Action> actions);
  void evict(const std::set<std::string>& touched);
  void check_run(const core::RunState& run) const;
  void check_waits(const core::RunState& run) const;
  void check_lists() const;
  void compare_with(const core::State& again) const;

  MachineSettings settings_;
  std::unique_ptr<eventlog::Storage> storage_ = std::make_unique<eventlog::MemoryStorage>();
  core::State state_;
  core::Projection projection_;
  Watcher watcher_;
  std::optional<core::RunState> looked_at_;
  std::vector<core::StopTask> stops_;
  bool workers_asleep_ = false;
};

// Offers every task type of the simulation.
core::GrantLeases offer_of_all_types();

}  // namespace runledger::simulation
