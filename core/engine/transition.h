// Takes one command to its end: decides, applies the facts, applies what follows from them until
// nothing follows, and says what has to be done outside once all of it is durable. Knows no disk
// and no threads: what is stored comes through load, what happened goes out through on_event. Owned
// by the thread that owns the state.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/advance.h"
#include "core/domain/decide.h"
#include "core/domain/state.h"
#include "core/engine/fact_limit.h"
#include "core/schema/schema_faults.h"

namespace runledger::core {

using Outcome = std::variant<CommandReply, Rejection>;

// --- what is to be done after the commit; data, never done on replay ---

struct WakeWorkers {
  std::string task_type;
};
// The lease has ended, or its task is to: the worker has to stop it.
struct StopTask {
  std::string worker_id;
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  bool lease_ended = false;  // nothing that the task still says counts
};
struct AdmitToken {
  TokenCreated token;
};
struct OfferTaskType {
  TaskTypeRegistered task_type;
};
using Action = std::variant<WakeWorkers, StopTask, AdmitToken, OfferTaskType>;

struct TransitionHooks {
  // Brings the run into the state if it is stored and not there. Throws what reading throws.
  std::function<void(State& state, const std::string& run_id)> load;
  // An event has been applied; the payload is its JSON.
  std::function<void(const Event& event, std::string payload)> on_event;
  // As Surroundings::input_fault.
  std::function<std::optional<std::string>(const std::string&, const JsonText&)> input_fault;
};

class Transition {
 public:
  // The first event gets next_offset. Both must outlive the object.
  Transition(State& state, const TransitionHooks& hooks, std::uint64_t next_offset)
      : state_(state), hooks_(hooks), next_offset_(next_offset) {}

  // The run or idempotency key that the command speaks of is in the state. A refused command has
  // changed nothing.
  Outcome take(const Command& command);

  std::uint64_t next_offset() const { return next_offset_; }
  std::vector<Action> take_actions() { return std::move(actions_); }
  // The runs that the commands so far have looked at or changed.
  const std::set<std::string>& touched() const { return touched_; }

 private:
  Outcome take_decision(const Command& command);
  Outcome grant(const Command& command, const GrantLeases& to);
  Outcome pass(const Command& command);
  void fire_due_schedules(const Command& command, DerivedIds& ids);

  std::optional<Rejection> too_large(const std::vector<NewFact>& facts,
                                     std::vector<std::string>& payloads) const;
  void add_all(const Command& command, std::string_view actor, std::vector<NewFact> facts);
  void add(const Command& command, std::string_view actor, EncodedFact encoded);
  void note_stops(const Event& event, const std::string& lease_before);
  void note_room(const std::string& lease_before);
  std::string lease_before(const NewFact& fact) const;
  void note_follow_ups(const Event& event);

  void settle(const Command& command, DerivedIds& ids);
  void settle_run(const Command& command, const std::string& run_id, const Surroundings& around);
  Surroundings surroundings(const Command& command, DerivedIds& ids);
  void look_at_key(const std::string& key);
  void wake_workers();
  const RunState* loaded(const std::string& run_id);

  State& state_;
  const TransitionHooks& hooks_;
  std::uint64_t next_offset_;
  std::vector<Action> actions_;
  std::set<std::string> touched_;
  std::set<std::string> pauses_;     // runs whose pause, or its end, reaches others
  std::set<std::string> unsettled_;  // runs that something may follow for
  std::set<std::string> keys_;       // concurrency keys that may be free now
  std::set<std::string> types_to_wake_;
  std::string reported_lease_;  // its worker itself ends it
  SchemaFaults schema_faults_;
};

}  // namespace runledger::core
