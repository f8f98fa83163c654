// Everything that decide() may look at: a fold of the log. Runs and idempotency keys are loaded
// when they are needed and leave again; the index, which says where every active run stands, is
// always whole. Owned by the sequencer's thread; changed by apply() and by loading alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/domain/events.h"
#include "core/domain/policy.h"
#include "core/domain/run_state.h"
#include "core/domain/state_index.h"

namespace runledger::core {

struct IdempotencyEntry {
  std::string run_id;
  std::string request_sha256;
  std::uint64_t offset = 0;  // as the first submission was answered
  bool operator==(const IdempotencyEntry&) const = default;
  static constexpr auto fields() {
    using I = IdempotencyEntry;
    return std::tuple{field("run_id", &I::run_id), field("request_sha256", &I::request_sha256),
                      field("offset", &I::offset)};
  }
};

struct TaskTypeState {
  TaskTypeRegistered registered;
  std::uint64_t offset = 0;
};

struct WorkflowState {
  std::uint32_t version = 0;  // the latest
  bool archived = false;
  std::shared_ptr<const WorkflowSpec> spec;  // of the latest version
  std::string description;                   // the same
  std::uint64_t offset = 0;                  // of its latest event
};

struct ScheduleState {
  ScheduleDefined defined;
  std::string tenant;
  std::string owner;
  std::int64_t next_us = 0;  // 0: never again
  // Times in a row for which it was late: catching up has an end (fire_schedule.h).
  std::uint32_t caught_up = 0;
};

struct State {
  std::unordered_map<std::string, RunState> runs;
  StateIndex index;
  std::unordered_map<std::string, IdempotencyEntry> idempotency;  // by idempotency_id()
  std::map<std::string, TaskTypeState, std::less<>> task_types;
  std::map<std::string, TokenCreated, std::less<>> tokens;      // by token id
  std::map<std::string, WorkflowState, std::less<>> workflows;  // by workflow_id()
  std::map<std::string, ScheduleState, std::less<>> schedules;  // by schedule id
  // The offset of the latest lease of each tenant: who was served last comes last.
  std::map<std::string, std::uint64_t, std::less<>> tenant_served;
  std::map<std::string, std::uint64_t, std::less<>> system_next_idx;
  // Type, version, offset of the first such event: what a build must know to read this log.
  std::map<std::string, std::map<std::uint16_t, std::uint64_t>, std::less<>> event_versions;
  Policy policy;  // configuration, no fold of anything

  const RunState* find_run(std::string_view run_id) const;
  // The index that the stream's next event gets.
  std::uint64_t next_idx(std::string_view stream) const;
};

// When something happens by itself, a schedule or a run; 0: never.
std::int64_t next_due_us(const State& state);

// A key is its owner's own: two users with the same key do not meet.
std::string idempotency_id(std::string_view tenant, std::string_view user, std::string_view key);
std::string workflow_id(std::string_view tenant, std::string_view name);

}  // namespace runledger::core
