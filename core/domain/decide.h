// Command in, facts out. Pure: looks at the state and the command and nothing else, changes
// nothing. A refusal is a value; what has to happen outside is data (actions), done after the
// commit and never on replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/domain/commands.h"
#include "core/domain/events.h"
#include "core/domain/state.h"

namespace runledger::core {

enum class RejectionCode {
  kNotFound,             // for this caller it does not exist
  kConflict,             // it has moved on; `winner` says how
  kIdempotencyMismatch,  // the key was used with another request
  kFenced,               // the lease does not hold
  kTooLarge,             // an event would be over the log's limit
  kDamaged,              // what is stored of it cannot be read
  kQueueFull,            // the engine has too much to do; try again
  kOutcomeUnknown,       // the log failed while it was being written
};

struct Winner {
  std::string by;
  std::string decision;  // an event type
  std::int64_t time_us = 0;
  std::uint64_t offset = 0;
};

struct Rejection {
  RejectionCode code = RejectionCode::kNotFound;
  std::string reason;
  std::optional<Winner> winner;
};

// --- what a command answers; the offset is added when it is known ---

struct RunAccepted {
  std::string run_id;
  RunStatus status = RunStatus::kPending;
  std::uint64_t offset = 0;
  bool replayed = false;  // by an idempotency key: nothing happened this time
};
struct LeasesGranted {
  struct Grant {
    std::string run_id;
    std::string task_id;
    std::string lease_id;
    std::uint32_t attempt = 1;
    std::string task_type;
  };
  std::vector<Grant> grants;
};
struct ResourceStored {
  std::string resource_id;
};
struct Done {
  std::uint64_t offset = 0;
};
using CommandReply = std::variant<Done, RunAccepted, LeasesGranted, ResourceStored>;

// --- what is to be done after the commit ---

struct WakeWorkers {
  std::string task_type;
};
struct StopTask {
  std::string worker_id;
  std::string run_id;
  std::string task_id;
  std::string lease_id;
};
struct AdmitToken {
  TokenCreated token;
};
struct OfferTaskType {
  TaskTypeRegistered task_type;
};
using Action = std::variant<WakeWorkers, StopTask, AdmitToken, OfferTaskType>;

struct NewFact {
  std::string stream;
  std::string tenant;
  std::string owner;
  EventBody body;
};

struct Decision {
  std::vector<NewFact> facts;
  std::vector<Action> actions;
  CommandReply reply;
};

std::variant<Decision, Rejection> decide(const State& state, const Command& command);

// Whether the run exists for the caller: an admin sees all, an operator their tenant's, others
// their own.
bool sees(const Principal& who, std::string_view tenant, std::string_view owner);

}  // namespace runledger::core
