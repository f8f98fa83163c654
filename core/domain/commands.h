// What can be asked of the engine, one struct a command. A command carries everything that deciding
// needs from outside: the time, new ids, who asks. Plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
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
// Attempts of one task that ended with their plugin's process: after that many it is quarantined.
inline constexpr std::uint32_t kPluginCrashesMax = 3;
inline constexpr std::string_view kPluginCrashed = "plugin_crashed";  // error codes
inline constexpr std::string_view kQuarantined = "quarantined";
inline constexpr std::size_t kAttemptsMax = 100;     // of one task, whatever they ended by
inline constexpr std::size_t kResourcesMax = 1000;   // of one run
inline constexpr std::size_t kRemoteCallsMax = 100;  // of one task, since it began
inline constexpr std::size_t kMemosMax = 10'000;     // finished durable calls of one task
// Of them together: they go to a worker in one frame.
inline constexpr std::size_t kMemosBytesMax = 4 * 1024 * 1024;
// A poll whose worker says nothing for so long after its deadline is ended by the server.
inline constexpr std::uint64_t kPollGraceMs = 60'000;
inline constexpr std::uint32_t kGrantTasksMax = 64;  // tasks leased by one command
inline constexpr std::size_t kDueRunsMax = 256;      // runs moved on by one PassTime
inline constexpr std::size_t kDueSchedulesMax = 64;  // schedules fired by one PassTime
inline constexpr std::size_t kSchedulesMax = 1000;   // of one tenant

struct SubmitRun {
  std::string run_id;  // new
  std::string workflow;
  std::uint32_t workflow_version = 0;
  std::shared_ptr<const RunPlan> plan;  // null: it repeats one, by its idempotency key
  std::vector<PlannedTask> tasks;       // with new task ids
  std::map<std::string, std::string> labels;
  std::int32_t priority = 0;
  std::optional<Concurrency> concurrency;
  std::int64_t start_at_us = 0;
  std::string idempotency_key;
  std::string request_sha256;
};

// All of them or none. With an idempotency key each has it as batch_key() makes it.
struct SubmitRuns {
  std::vector<SubmitRun> runs;
};
// The key of one run of a batch: none of a client's has a space.
std::string batch_key(const std::string& idempotency_key, std::size_t number);

// --- decisions of people; each is compare-and-set if a version is given ---

struct CancelRun {
  std::string run_id;
  std::optional<std::uint64_t> expected_version;
};
struct PauseRun {
  std::string run_id;
  std::optional<std::uint64_t> expected_version;
};
// Ends a pause by hand or by a failure; the steps that failed begin anew. It approves nothing.
struct ResumeRun {
  std::string run_id;
  std::optional<std::uint64_t> expected_version;
};
// Begins a step and all that need it anew. Of a run that has ended it makes a new one, in which
// what had ended before that step counts as done; without a step all of it is done again.
struct RetryRun {
  std::string run_id;
  std::string from_step;
  std::optional<std::uint64_t> expected_version;
  // For the new run only:
  std::optional<JsonText> input = std::nullopt;  // instead of the old one's; without a step
  std::string idempotency_key = {};              // of the run's owner
  std::string request_sha256 = {};
};
struct AnswerApproval {
  std::string run_id;
  std::string task_id;
  bool approved = false;
  std::string content_sha256;  // of what the person saw
  std::string comment;
  std::optional<std::uint64_t> expected_version;
};
struct AnswerReview {
  std::string run_id;
  std::string task_id;
  bool approved = false;
  std::string content_sha256;
  std::optional<JsonText> corrected;  // fits the question's schema
  std::string feedback;
  std::optional<std::uint64_t> expected_version;
};

// What became of a job of which nobody knew. An operator's word.
struct ResolveRemote {
  std::string run_id;
  std::string task_id;
  RemoteOutcome outcome = RemoteOutcome::kSubmitted;
  std::string execute_id;  // of a submitted one
  std::string message;
  std::optional<std::uint64_t> expected_version;
};

// --- workers ---

// A worker has free slots: one new lease id for each. Grants what is ready, perhaps nothing.
struct GrantLeases {
  static constexpr std::uint32_t kAnyNumber = std::numeric_limits<std::uint32_t>::max();
  std::string worker_id;
  std::string worker_name;
  bool remote = false;  // it is no child of the server
  struct TypeOffer {
    std::string name;
    std::string plugin_version;
    std::string plugin_sha256;
    std::uint32_t tasks_max = kAnyNumber;  // that it takes of this type now
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
struct CompleteStep {
  LeaseRef lease;
  MemoKind kind = MemoKind::kStep;  // kStep or kPoll
  std::string name;
  JsonText result;
  bool release = false;  // the executor has unwound: the lease is over, the task ready
};
// The executor has unwound; it is called again when the time has come.
struct Sleep {
  LeaseRef lease;
  std::string name;
  std::uint64_t delay_ms = 0;
};
// A look has found nothing. The executor has unwound; it is called again after `every_ms`.
struct WaitForPoll {
  LeaseRef lease;
  std::string name;
  std::uint64_t every_ms = 0;
  std::uint64_t timeout_ms = 0;  // of all looks together, from the first one
  bool keep_lease = false;       // by the worker itself; otherwise by whoever leases it then
};
// The executor has unwound; it is called again when a person has decided.
struct RequestReview {
  LeaseRef lease;
  std::string name;
  JsonText body;
  JsonText validation;
  std::optional<JsonText> schema;
};
// A job is about to be handed to a provider; answered with the key to hand it over with. The same
// call under the same lease again is the same.
struct IntendRemote {
  LeaseRef lease;
  std::uint32_t ordinal = 1;  // of the task's remote calls
  std::string provider;
  std::optional<RemotePlaceholder> resource;  // with a new id
  bool found_nothing = false;                 // its provider was asked for the key
};
// The provider has named it.
struct ConfirmRemote {
  LeaseRef lease;
  std::uint32_t ordinal = 1;
  std::string idempotency_key;
  std::string execute_id;
  bool found = false;  // its provider was asked for the key
};
// The provider does not have it.
struct RefuteRemote {
  LeaseRef lease;
  std::uint32_t ordinal = 1;
  Error error;
};
// It cannot be told. The executor has unwound; it is called again when somebody has said.
struct DoubtRemote {
  LeaseRef lease;
  std::uint32_t ordinal = 1;
  std::string message;
};
struct CompleteTask {
  LeaseRef lease;
  JsonText output;
};
struct FailTask {
  LeaseRef lease;
  Error error;
  std::uint64_t retry_after_ms = 0;  // the next attempt no earlier
};
// Nothing was heard of the task for its heartbeat time-out.
struct MissHeartbeat {
  LeaseRef lease;
};
struct AcknowledgeCancel {
  LeaseRef lease;
};
// Nothing has been done under it: the attempt has not begun.
struct ReturnLease {
  LeaseRef lease;
};

// --- workflows and schedules ---

struct DefineWorkflow {
  std::string name;
  std::string description;
  JsonText spec;  // parses
};
struct ArchiveWorkflow {
  std::string name;
};
struct DefineSchedule {
  ScheduleDefined schedule;
};
struct DeleteSchedule {
  std::string schedule_id;
};

// --- the system's own ---

// The time has come for something: moves on what is due at the command's time.
struct PassTime {};
struct CreateToken {
  TokenCreated token;
};
struct RegisterWorker {
  WorkerRegistered worker;
  std::vector<TaskTypeRegistered> task_types;
};

using CommandBody =
    std::variant<SubmitRun, SubmitRuns, CancelRun, PauseRun, ResumeRun, RetryRun, AnswerApproval,
                 AnswerReview, ResolveRemote, GrantLeases, LoseLease, RecordProgress, RecordEmitted,
                 RecordLog, StoreResource, CompleteStep, Sleep, WaitForPoll, RequestReview,
                 IntendRemote, ConfirmRemote, RefuteRemote, DoubtRemote, CompleteTask, FailTask,
                 MissHeartbeat, AcknowledgeCancel, ReturnLease, DefineWorkflow, ArchiveWorkflow,
                 DefineSchedule, DeleteSchedule, PassTime, CreateToken, RegisterWorker>;

struct Command {
  std::string command_id;
  std::int64_t time_us = 0;
  Principal by;       // for clients' commands: decides what exists for them
  std::string actor;  // as recorded: "user:alice", "worker:local-1", "system"
  CommandBody body;
};

// Bytes that a waiting command holds, roughly: for the queue's limit.
std::size_t weight_bytes(const Command& command);

// The lease that its worker reports about; empty: it is no report. Who misses a heartbeat has not
// reported.
std::string reported_lease(const CommandBody& body);

}  // namespace runledger::core
