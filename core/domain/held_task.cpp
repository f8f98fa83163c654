#include "core/domain/held_task.h"

#include <algorithm>

#include "core/domain/report_id.h"
#include "core/domain/task_end.h"

namespace runledger::core {

Held held_under(const State& state, const LeaseRef& lease) {
  Held held;
  held.run = state.find_run(lease.run_id);
  if (held.run == nullptr || held.run->ended()) return {};
  held.task = held.run->find_task(lease.task_id);
  if (held.task == nullptr) return {};
  held.attempt = held.task->held_under(lease.lease_id);
  return held.attempt == nullptr ? Held{} : held;
}

bool is_recorded(const State& state, const Command& command, const LeaseRef& lease) {
  const auto report = report_of(command.command_id);
  const RunState* run = report ? state.find_run(lease.run_id) : nullptr;
  const TaskState* task = run == nullptr ? nullptr : run->find_task(lease.task_id);
  if (task == nullptr) return false;
  return std::any_of(task->attempts.begin(), task->attempts.end(), [&](const AttemptState& each) {
    return each.lease_id == report->lease_id && report->number <= each.reports;
  });
}

Rejection fenced(const LeaseRef& lease) {
  return {RejectionCode::kFenced,
          "Lease " + lease.lease_id + " of task " + lease.task_id + " does not hold any more",
          {}};
}

Decision one_fact(const Held& held, EventBody body) {
  Decision decision;
  decision.facts.push_back(fact_of(*held.run, std::move(body)));
  return decision;
}

Decision ended(const Held& held, EventBody end) {
  Decision decision;
  decision.facts = end_or_doubt(*held.run, *held.task, std::move(end));
  return decision;
}

Decision failed(const Held& held, std::string code, std::string message) {
  return ended(held, TaskFailed{held.task->task_id,
                                held.attempt->number,
                                {std::move(code), std::move(message), false}});
}

Decision canceled(const Held& held) {
  return one_fact(held, TaskCanceled{held.task->task_id, held.attempt->number});
}

std::optional<Decision> no_room(const Held& held, std::size_t bytes) {
  const auto& memos = held.task->memos;
  if (memos.size() >= kMemosMax) {
    return failed(held, "too_many_steps",
                  "A task has at most " + std::to_string(kMemosMax) + " finished steps");
  }
  for (const Memo& memo : memos) bytes += memo.name.size() + memo.result.text.size();
  if (bytes <= kMemosBytesMax) return std::nullopt;
  return failed(held, "steps_too_large",
                "The results of a task's steps have at most " + std::to_string(kMemosBytesMax) +
                    " bytes together");
}

}  // namespace runledger::core
