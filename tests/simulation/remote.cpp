// The part of the world about jobs at somebody else's server: workers end between saying that they
// hand one over, doing it, and saying that they did. Those who look, and operators, tell the truth.
#include "tests/simulation/world.h"

namespace runledger::simulation {

using namespace runledger::core;

bool World::holds(const Work& work) const {
  const auto& held = machine_.watcher().held();
  const auto found = held.find(work.lease.task_id);
  return found != held.end() && found->second.lease_id == work.lease.lease_id;
}

// One step of handing a job over. A worker whose lease is over has been ended: it hands over
// nothing.
CommandBody World::next_of_remote(Dice& dice, Work& work, const std::string& provider) {
  const std::uint32_t ordinal = work.remote_calls + 1;
  if (work.unsure) return look(dice, work);
  if (!work.key.empty() && holds(work)) {
    if (const std::string* job = provider_.find(work.key)) {  // handed over, and not said yet
      if (dice.one_in(4)) return DoubtRemote{work.lease, ordinal, "The connection broke off"};
      return ConfirmRemote{work.lease, ordinal, work.key, *job, false};
    }
    if (dice.one_in(5)) return DoubtRemote{work.lease, ordinal, "The request timed out"};
    if (dice.one_in(5)) {
      work.key.clear();
      return RefuteRemote{work.lease, ordinal, {"quota", "No more", false}};
    }
    const std::string job = provider_.submit(work.key);
    if (dice.one_in(3)) return RecordProgress{work.lease, 1, "handed over"};
    return ConfirmRemote{work.lease, ordinal, work.key, job, false};
  }
  IntendRemote intend{work.lease, ordinal, provider, {}, false};
  if (dice.one_in(2)) intend.resource = RemotePlaceholder{ids_.make("res"), "a.png", "image/png"};
  return intend;
}

// What became of a job that an earlier worker was about to hand over.
CommandBody World::look(Dice& dice, Work& work) {
  const std::uint32_t ordinal = work.remote_calls + 1;
  if (dice.one_in(3)) return DoubtRemote{work.lease, ordinal, "This provider cannot be asked"};
  if (const std::string* job = provider_.find(work.key)) {
    return ConfirmRemote{work.lease, ordinal, work.key, *job, true};
  }
  return IntendRemote{work.lease, ordinal, "coze", {}, true};
}

// What the worker has learnt from the answer.
void World::note_remote(Work& work, const CommandBody& said, const Outcome& outcome) {
  const auto* reply = std::get_if<CommandReply>(&outcome);
  if (reply == nullptr) return;
  if (const auto* key = std::get_if<RemoteKey>(reply)) {
    work.key = key->idempotency_key;
    work.unsure = false;
  } else if (std::holds_alternative<ConfirmRemote>(said) && !work.key.empty()) {
    ++work.calls;
    ++work.remote_calls;
    work.key.clear();
    work.unsure = false;
  }
}

ResolveRemote World::truth(Dice& dice, const RunState& run, const TaskState& task) {
  ResolveRemote resolve{run.run_id, task.task_id, RemoteOutcome::kNotSubmitted, "", "seen", {}};
  if (task.remote_calls.empty()) return resolve;
  const std::string* job = provider_.find(task.remote_calls.back().idempotency_key);
  if (job != nullptr) {
    resolve.outcome = RemoteOutcome::kSubmitted;
    resolve.execute_id = *job;
  }
  if (dice.one_in(5)) resolve.outcome = RemoteOutcome::kFailed;
  return resolve;
}

}  // namespace runledger::simulation
