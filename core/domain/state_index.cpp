#include "core/domain/state_index.h"

#include <algorithm>

#include "core/domain/deadlines.h"

namespace runledger::core {
namespace {

bool can_be_leased(const RunState& run, const TaskState& task) {
  return task.status == TaskStatus::kReady && !run.pause && !run.cancel_requested;
}

ReadyTask entry_of(const RunState& run, const TaskState& task) {
  return {task.ready_us - run.priority * kPriorityStepUs, task.ready_offset, run.run_id,
          task.task_id};
}

void count_down(std::map<std::string, std::uint32_t, std::less<>>& counts,
                const std::string& name) {
  const auto found = counts.find(name);
  if (--found->second == 0) counts.erase(found);
}

template <typename Queues, typename Entry>
void erase_from(Queues& queues, const std::string& name, const Entry& entry) {
  const auto queue = queues.find(name);
  queue->second.erase(entry);
  if (queue->second.empty()) queues.erase(queue);
}

KeyClaim claim_of(const RunState& run) {
  return {run.created_offset, run.run_id, run.owner, run.created_us};
}

}  // namespace

std::int64_t earlier_due(std::int64_t a, std::int64_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

std::string key_id(std::string_view tenant, std::string_view key) {
  return std::string(tenant).append(1, '/').append(key);
}

std::int64_t next_due_us(const RunState& run, const TaskState& task) {
  std::int64_t due = 0;
  for (const Deadline& deadline : deadlines_of(run, task)) due = earlier_due(due, deadline.at_us);
  return due;
}

std::int64_t next_due_us(const RunState& run) {
  std::int64_t due = earlier_due(deadline_of(run), run.overdue_us);
  if (!run.admitted && !run.queued) due = earlier_due(due, run.start_at_us);
  for (const TaskState& task : run.tasks) {
    if (!is_ended(task.status)) due = earlier_due(due, next_due_us(run, task));
  }
  return due;
}

void StateIndex::add(const RunState& run) {
  if (run.ended()) return;
  runs.insert(run.run_id);
  for (const TaskState& task : run.tasks) {
    if (can_be_leased(run, task)) ready[task.type][run.tenant].insert(entry_of(run, task));
    if (task.held_by_worker()) {
      ++type_running[task.type];
      ++tenant_running[run.tenant];
    }
  }
  if (const auto at = next_due_us(run); at != 0) due.insert({at, run.run_id});
  if (!run.concurrency || !(run.admitted || run.queued)) return;
  KeyState& key = keys[key_id(run.tenant, run.concurrency->key)];
  if (run.admitted) key.holders.insert(claim_of(run));
  if (run.queued) key.queue.insert(claim_of(run));
}

void StateIndex::remove(const RunState& run) {
  if (run.ended()) return;
  runs.erase(run.run_id);
  for (const TaskState& task : run.tasks) {
    if (can_be_leased(run, task)) {
      const auto type = ready.find(task.type);
      erase_from(type->second, run.tenant, entry_of(run, task));
      if (type->second.empty()) ready.erase(type);
    }
    if (task.held_by_worker()) {
      count_down(type_running, task.type);
      count_down(tenant_running, run.tenant);
    }
  }
  if (const auto at = next_due_us(run); at != 0) due.erase({at, run.run_id});
  if (!run.concurrency || !(run.admitted || run.queued)) return;
  const auto key = keys.find(key_id(run.tenant, run.concurrency->key));
  key->second.holders.erase(claim_of(run));
  key->second.queue.erase(claim_of(run));
  if (key->second.holders.empty() && key->second.queue.empty()) keys.erase(key);
}

}  // namespace runledger::core
