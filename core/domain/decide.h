// Command in, facts out. Pure: looks at the state and the command and nothing else, changes
// nothing. A refusal is a value. A decision is the command's own facts; what follows from them is
// advance()'s (advance.h), and what has to happen outside is found from what changed
// (engine/transition.h).
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
  kForbidden,            // the caller lacks the role
  kInvalid,              // it makes no sense for this run; `reason` says why
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
  std::string run_id;  // where it is another run: the holder of a concurrency key
};

struct Rejection {
  RejectionCode code = RejectionCode::kNotFound;
  std::string reason;
  std::optional<Winner> winner;
  std::optional<std::size_t> of_batch = std::nullopt;  // which one of SubmitRuns is to blame
};

// --- what a command answers; the offset is added when it is known ---

struct RunAccepted {
  std::string run_id;
  RunStatus status = RunStatus::kPending;
  std::uint64_t offset = 0;
  bool replayed = false;  // by an idempotency key: nothing happened this time
};
// In the order in which they were submitted; the offset is that of the first one's first event.
struct RunsAccepted {
  std::vector<std::string> run_ids;
  std::uint64_t offset = 0;
  bool replayed = false;
};
struct LeasesGranted {
  struct Grant {
    std::string run_id;
    std::string task_id;
    std::string lease_id;
    std::uint32_t attempt = 1;
    std::string task_type;
    JsonText input;
    JsonText session;
    std::uint64_t heartbeat_ms = 0;  // 0: none is asked for
    std::vector<Memo> memos;         // what was done before
    std::string poll;                // that has been waited for before; empty: none
    std::uint64_t waited_ms = 0;     // for it
    struct Remote {
      std::string provider;
      std::string idempotency_key;
    };
    std::optional<Remote> remote;  // handed over before, and nobody has said what became of it
  };
  std::vector<Grant> grants;
};
struct ResourceStored {
  std::string resource_id;
};
struct RemoteKey {
  std::string idempotency_key;
};
struct WorkflowAccepted {
  std::string name;
  std::uint32_t version = 0;
  std::uint64_t offset = 0;
  bool was_so = false;  // nothing had to change; the offset is that of the event that made it so
};
struct Done {
  std::uint64_t offset = 0;
};
using CommandReply = std::variant<Done, RunAccepted, RunsAccepted, LeasesGranted, ResourceStored,
                                  RemoteKey, WorkflowAccepted>;

struct NewFact {
  std::string stream;
  std::string tenant;
  std::string owner;
  EventBody body;
};

struct Decision {
  std::vector<NewFact> facts;
  CommandReply reply;
};
using DecisionResult = std::variant<Decision, Rejection>;

// Everything but GrantLeases and PassTime, which are taken step by step.
DecisionResult decide(const State& state, const Command& command);

// The next lease for that worker; nullopt: nothing that it can run is ready, or limits are reached.
// The run that next_ready_run() names is loaded.
std::optional<std::string> next_ready_run(const State& state, const GrantLeases& to);
struct NextGrant {
  std::vector<NewFact> facts;
  LeasesGranted::Grant grant;
};
std::optional<NextGrant> grant_next(const State& state, const GrantLeases& to,
                                    const std::string& lease_id, std::int64_t now_us);

// What the time that has come does to a run that was due.
std::vector<NewFact> pass_time(const RunState& run, const Command& command);

// A fact in the stream of a run.
NewFact fact_of(const RunState& run, EventBody body);

// Whether the run exists for the caller: an admin sees all, an operator or reviewer their tenant's,
// others their own.
bool sees(const Principal& who, std::string_view tenant, std::string_view owner);
// Whether the caller may steer it: a reviewer sees the runs of others, and steers none.
bool manages(const Principal& who, std::string_view tenant, std::string_view owner);

}  // namespace runledger::core
