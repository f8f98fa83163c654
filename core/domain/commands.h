// What can be asked of the engine, one struct a command. A command carries everything that deciding
// needs from outside: the time, new ids, who asks. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/access/principal.h"
#include "core/domain/events.h"

namespace runledger::core {

// Leases of one task that are lost with their worker, then the task fails: after it had reported
// something, and without a word (it may have been away, or the task may have killed it at once).
inline constexpr std::uint32_t kLeaseLossesMax = 3;
inline constexpr std::uint32_t kSilentLossesMax = 10;
inline constexpr std::size_t kAttemptsMax = 100;     // of one task, whatever they ended by
inline constexpr std::size_t kResourcesMax = 1000;   // of one run
inline constexpr std::uint32_t kGrantTasksMax = 64;  // tasks leased by one command

struct SubmitRun {
  std::string run_id;           // new
  std::vector<StepSpec> steps;  // with new task ids
  std::map<std::string, std::string> labels;
  JsonText session;
  std::int32_t priority = 0;
  std::string idempotency_key;
  std::string request_sha256;
};

struct CancelRun {
  std::string run_id;
  std::optional<std::uint64_t> expected_version;
};

// A worker has free slots: one new lease id for each. Grants what is ready, perhaps nothing.
struct GrantLeases {
  std::string worker_id;
  std::string worker_name;
  struct TypeOffer {
    std::string name;
    std::string plugin_version;
    std::string plugin_sha256;
  };
  std::vector<TypeOffer> types;
  std::vector<std::string> lease_ids;
};

struct LoseLease {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  std::string reason;
  bool charged = false;
};

// --- reports of a worker about a task that it holds a lease of ---

struct LeaseRef {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
};
struct RecordProgress {
  LeaseRef lease;
  double percent = 0;
  std::string message;
};
struct RecordEmitted {
  LeaseRef lease;
  std::string event_type;
  JsonText data;
};
struct RecordLog {
  LeaseRef lease;
  std::string level;
  std::string text;
};
struct StoreResource {
  LeaseRef lease;
  std::string resource_id;  // new
  std::string name;
  std::string media_type;
  std::string sha256;
  std::uint64_t size = 0;
};
struct CompleteTask {
  LeaseRef lease;
  JsonText output;
};
struct FailTask {
  LeaseRef lease;
  Error error;
};
struct AcknowledgeCancel {
  LeaseRef lease;
};

// --- the system's own ---

struct CreateToken {
  TokenCreated token;
};
struct RegisterWorker {
  WorkerRegistered worker;
  std::vector<TaskTypeRegistered> task_types;
};

using CommandBody = std::variant<SubmitRun, CancelRun, GrantLeases, LoseLease, RecordProgress,
                                 RecordEmitted, RecordLog, StoreResource, CompleteTask, FailTask,
                                 AcknowledgeCancel, CreateToken, RegisterWorker>;

struct Command {
  std::string command_id;
  std::int64_t time_us = 0;
  Principal by;       // for clients' commands: decides what exists for them
  std::string actor;  // as recorded: "user:alice", "worker:local-1", "system"
  CommandBody body;
};

// Bytes that a waiting command holds, roughly: for the queue's limit.
std::size_t weight_bytes(const Command& command);

}  // namespace runledger::core
