// Everything that decide() may look at: a fold of the log. Runs and idempotency keys are loaded
// when a command needs them and leave again when they have ended; the rest is always here. Owned by
// the sequencer's thread; changed by apply() and by loading alone.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "core/domain/events.h"
#include "core/domain/run_state.h"

namespace runledger::core {

// Highest priority first, then who has waited longest.
struct ReadyTask {
  std::int32_t priority = 0;
  std::uint64_t ready_offset = 0;
  std::string run_id;
  std::string task_id;

  std::strong_ordering operator<=>(const ReadyTask& other) const {
    if (priority != other.priority) return other.priority <=> priority;
    return ready_offset <=> other.ready_offset;
  }
  bool operator==(const ReadyTask& other) const { return (*this <=> other) == 0; }
};

struct IdempotencyEntry {
  std::string run_id;
  std::string request_sha256;
  std::uint64_t offset = 0;  // as the first submission was answered
  bool operator==(const IdempotencyEntry&) const = default;
};

struct TaskTypeState {
  TaskTypeRegistered registered;
  std::uint64_t offset = 0;
};

struct State {
  std::unordered_map<std::string, RunState> runs;
  std::map<std::string, std::set<ReadyTask>, std::less<>> ready;  // by task type
  std::unordered_map<std::string, IdempotencyEntry> idempotency;  // by idempotency_id()
  std::map<std::string, TaskTypeState, std::less<>> task_types;
  std::map<std::string, TokenCreated, std::less<>> tokens;  // by token id
  std::map<std::string, std::uint64_t, std::less<>> system_next_idx;
  // Type, version, offset of the first such event: what a build must know to read this log.
  std::map<std::string, std::map<std::uint16_t, std::uint64_t>, std::less<>> event_versions;

  const RunState* find_run(std::string_view run_id) const;
  // The index that the stream's next event gets.
  std::uint64_t next_idx(std::string_view stream) const;
};

// A key is its owner's own: two users with the same key do not meet.
std::string idempotency_id(std::string_view tenant, std::string_view user, std::string_view key);

}  // namespace runledger::core
