// What the engine has to find among all active runs: who is ready, what is due next, who holds a
// concurrency key, how much runs for whom. Every entry is a function of one run's state alone, so
// an index is a fold of the log by construction; a run's entries are taken out before the run
// changes and put in after it (apply.cpp). They stay while the run itself is evicted from memory.
// Owned by the sequencer.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/domain/run_state.h"

namespace runledger::core {

// One point of priority is worth that much waiting: urgent work goes first, nothing starves.
inline constexpr std::int64_t kPriorityStepUs = 60'000'000;

struct ReadyTask {
  std::int64_t rank_us = 0;  // ready since, less what its priority is worth: the lowest goes first
  std::uint64_t ready_offset = 0;
  std::string run_id;
  std::string task_id;
  std::strong_ordering operator<=>(const ReadyTask& other) const {
    if (rank_us != other.rank_us) return rank_us <=> other.rank_us;
    if (ready_offset != other.ready_offset) return ready_offset <=> other.ready_offset;
    return task_id <=> other.task_id;
  }
  bool operator==(const ReadyTask& other) const { return (*this <=> other) == 0; }
};

struct DueRun {
  std::int64_t due_us = 0;
  std::string run_id;
  auto operator<=>(const DueRun&) const = default;
};

// A run that has a concurrency key or waits for it.
struct KeyClaim {
  std::uint64_t created_offset = 0;  // first come, first served
  std::string run_id;
  std::string owner;
  std::int64_t created_us = 0;
  auto operator<=>(const KeyClaim&) const = default;
};

struct KeyState {
  std::set<KeyClaim> holders;  // admitted runs
  std::set<KeyClaim> queue;
  bool operator==(const KeyState&) const = default;
};

struct StateIndex {
  using TenantQueues = std::map<std::string, std::set<ReadyTask>, std::less<>>;
  std::map<std::string, TenantQueues, std::less<>> ready;  // by task type, then tenant
  std::set<DueRun> due;
  std::map<std::string, KeyState, std::less<>> keys;                 // by key_id()
  std::map<std::string, std::uint32_t, std::less<>> type_running;    // leases held, by task type
  std::map<std::string, std::uint32_t, std::less<>> tenant_running;  // and by tenant
  std::unordered_set<std::string> runs;                              // that have entries

  void add(const RunState& run);
  void remove(const RunState& run);
  bool operator==(const StateIndex&) const = default;
};

// A key is its tenant's own.
std::string key_id(std::string_view tenant, std::string_view key);

// The earlier one of two times, of which 0 is never.
std::int64_t earlier_due(std::int64_t a, std::int64_t b);

// When something happens to the run by itself, if nothing else comes before; 0: never.
std::int64_t next_due_us(const RunState& run);
// The same of one task: a time-out, a wait's end, a deadline of a question.
std::int64_t next_due_us(const RunState& run, const TaskState& task);

}  // namespace runledger::core
