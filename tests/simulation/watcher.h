// A model of its own of what the log says, far simpler than the engine: which runs are under way,
// who holds a lease, who holds a concurrency key. Sees the events in their order, throws Violation
// when one must not be.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/domain/events.h"
#include "core/domain/state.h"
#include "core/engine/transition.h"

namespace runledger::simulation {

struct HeldLease {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  std::string tenant;
  std::string task_type;
  bool remote = false;
};

// An event with what the model cannot know from it alone.
struct SeenEvent {
  core::Event event;
  std::string task_type;                         // of task.leased
  std::optional<core::Concurrency> concurrency;  // of run.admitted
  std::string reported_lease;                    // of the command that it came from
  std::uint64_t version = 0;                     // of its run, after it
};

class Watcher {
 public:
  void see(const SeenEvent& seen);
  // Between commits: the engine's tables are those of the model.
  void compare(const core::State& state) const;
  void compare_keys(const core::State& state) const;
  // What the run says of who decided last is what people did.
  void compare_decision(const core::RunState& run) const;

  const std::set<std::string>& active() const { return active_; }
  const std::vector<std::string>& runs() const { return runs_; }
  const std::map<std::string, HeldLease>& held() const { return held_; }  // by task id
  bool has_ended(const std::string& run_id) const { return ended_.contains(run_id); }
  // Leases that ended by something else than their worker's report, since the last call.
  std::vector<std::string> take_cut_short() { return std::move(cut_short_); }

 private:
  void see_body(const SeenEvent& seen);
  void lease(const SeenEvent& seen, const core::TaskLeased& leased);
  void release(const SeenEvent& seen, const std::string& task_id);
  void end_run(const core::Event& event);
  void create(const core::RunCreated& created);
  void reuse(const core::Event& event, const core::TaskReused& reused);
  void pause(const SeenEvent& seen);
  void note_decision(const SeenEvent& seen);
  void fire(const core::Event& event, const core::ScheduleFired& fired);
  void check_actor(const core::Event& event) const;

  std::uint64_t next_offset_ = 0;
  std::int64_t time_us_ = 0;
  std::map<std::string, std::uint64_t> next_idx_;
  std::vector<std::string> runs_;
  std::set<std::string> active_;
  std::set<std::string> ended_;
  std::map<std::string, HeldLease> held_;
  std::set<std::string> lease_ids_;
  std::map<std::string, std::uint32_t, std::less<>> type_running_;
  std::map<std::string, std::uint32_t, std::less<>> tenant_running_;
  std::map<std::string, std::set<std::string>> key_holders_;
  std::map<std::string, std::string> key_of_run_;
  std::vector<std::string> cut_short_;
  std::map<std::string, std::string> parents_;       // by run
  std::map<std::string, std::string> repeats_;       // the ended run, by the new one
  std::map<std::string, core::PauseReason> paused_;  // by run
  std::map<std::string, core::Decided> decisions_;   // by run: the latest of a person
  std::map<std::string, std::optional<core::JsonText>> ended_tasks_;  // their outputs
  std::map<std::string, std::uint32_t> late_firings_;                 // in a row, by schedule
};

}  // namespace runledger::simulation
