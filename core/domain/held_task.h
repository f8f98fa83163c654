// The part of decide() about a lease: what it stands for, and what commonly comes of a report under
// it. For the .cpp files of this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/decide.h"

namespace runledger::core {

// The run, task and attempt that a lease stands for, while it holds.
struct Held {
  const RunState* run = nullptr;
  const TaskState* task = nullptr;
  const AttemptState* attempt = nullptr;
};

Held held_under(const State& state, const LeaseRef& lease);
Rejection fenced(const LeaseRef& lease);

Decision one_fact(const Held& held, EventBody body);
// The end of the task; in the middle of handing over a job the doubt.
Decision ended(const Held& held, EventBody end);
Decision failed(const Held& held, std::string code, std::string message);
// A run that is being canceled ends as canceled, whatever its task came to.
Decision canceled(const Held& held);
// The task's end if it cannot remember so much more.
std::optional<Decision> no_room(const Held& held, std::size_t bytes);

// The report is in the log already: its worker did not hear of it, and has sent it again.
bool is_recorded(const State& state, const Command& command, const LeaseRef& lease);

// Hands what the lease stands for to `then`, if it holds.
template <typename Then>
DecisionResult under(const State& state, const Command& command, const LeaseRef& lease, Then then) {
  if (is_recorded(state, command, lease)) return Decision{};
  const Held held = held_under(state, lease);
  if (held.run == nullptr) return fenced(lease);
  return then(held);
}

}  // namespace runledger::core
