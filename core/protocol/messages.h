// What a worker and the server say to each other over one WebSocket session (/v1/worker), one JSON
// object a text frame. JSON fields have the names of the members; `type` names the message.
//
//   worker -> server   register, lease, return, report
//   server -> worker   registered, refused, leased, acknowledged, cancel, fenced, drain
//
// core/worker/README.md shows a session. Plain values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core::protocol {

inline constexpr int kSessionVersion = 3;  // 2 knew no `held`, no `return`; lease added up
inline constexpr std::size_t kMessageBytesMax = 16 * 1024 * 1024;  // one frame, both ways
inline constexpr std::size_t kReportsInFlightMax =
    256;                                          // reports of one session not yet acknowledged
inline constexpr std::uint32_t kSlotsMax = 1024;  // of one worker
// Tasks that a worker holds beyond its slots, to begin them when a short one ends.
inline constexpr std::uint32_t kLeasedAheadMax = 64;
inline constexpr std::uint32_t kRoomMax = kSlotsMax + kLeasedAheadMax;
// Leases that a worker holds when it comes again: its room, and tasks that poll.
inline constexpr std::size_t kHeldMax = 8192;
inline constexpr std::size_t kTaskTypesMax = 1024;  // of one worker
inline constexpr std::size_t kTaskMemosMax = 10'000;
inline constexpr std::uint64_t kDelayMsMax = 366ull * 24 * 3600 * 1000;

// --- worker -> server ---

struct TaskTypeOffer {
  std::string name;           // "image"
  std::string version;        // of the plugin, "1.0.0"
  std::string manifest;       // JSON object: the type's entry of the plugin manifest
  std::string plugin_sha256;  // of the shared library, 64 hex digits
  std::uint32_t slots = 0;    // at most so many of it at once in this worker; 0: its slots alone
};

// What a worker that comes again has not given back.
struct HeldTask {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  bool ended = false;  // nothing runs any more: its last reports are still to be acknowledged
};

struct Register {
  int session_version = kSessionVersion;
  std::string name;  // "local-1": unique among connected workers
  std::int64_t pid = 0;
  std::uint32_t slots = 1;  // tasks that it can run side by side
  std::vector<TaskTypeOffer> task_types;
  std::vector<HeldTask> held = {};
};

// How many tasks the worker would have at once, those that poll not counted. The latest one stands:
// the server leases more whenever one has ended. 0: the worker wants to leave; the server answers
// `drain` and leases no more.
struct Lease {
  std::uint32_t room = 1;
};

// These have not begun here and would have to wait: nothing has been done under their leases.
struct Return {
  std::vector<std::string> lease_ids;
};

struct ProgressReport {
  double percent = 0;  // 0 to 100
  std::string message;
};
struct EmitReport {
  std::string event_type;
  std::string data;  // JSON text of any kind
};
struct LogReport {
  std::string level;  // debug, info, warning, error
  std::string text;
};
// The content has been uploaded before (PUT /v1/worker/artifacts/{sha256}).
struct ResourceReport {
  std::string name;
  std::string media_type;
  std::string sha256;
  std::uint64_t size = 0;
};
struct SucceededReport {
  std::string output;  // JSON object
};
struct FailedReport {
  std::string code;
  std::string message;
  bool retryable = false;
  std::uint64_t retry_after_ms = 0;  // the next attempt no earlier
};
struct CanceledReport {};

// --- durable calls: what the executor has done, and what it has unwound for ---

// A step is finished, or a poll has found something.
struct StepReport {
  bool poll = false;
  std::string name;
  std::string result;    // JSON text of any kind
  bool release = false;  // of a poll that was waited for: the lease is over, the task ready again
};
// The lease is over; the task is ready again after the delay, by the server's clock.
struct SleepReport {
  std::string name;
  std::uint64_t delay_ms = 0;
};
// A look has found nothing. With keep_lease the worker looks again by itself and says so only once;
// without, the lease is over and the task ready again after every_ms.
struct PollWaitReport {
  std::string name;
  std::uint64_t every_ms = 0;
  std::uint64_t timeout_ms = 0;  // of all looks together; 0: none
  bool keep_lease = false;
};
// The lease is over; the task is ready again when a person has decided.
struct ReviewReport {
  std::string name;
  std::string body;        // JSON text of any kind
  std::string validation;  // JSON text of any kind
  std::string schema;      // JSON object, or empty: the body may be corrected to anything
};

// A job is about to be handed to a provider. Answered with the key to hand it over with.
struct RemoteIntentReport {
  std::uint32_t ordinal = 1;  // among the task's remote calls
  std::string provider;
  std::string resource_name;        // what it is to become; empty: nothing
  std::string resource_media_type;  // empty: the same
  bool found_nothing = false;       // the provider was asked for the key
};
// The provider has the job and names it so. Answered with the resource that it is to become.
struct RemoteSubmittedReport {
  std::uint32_t ordinal = 1;
  std::string provider;
  std::string idempotency_key;
  std::string execute_id;
  bool found = false;  // by its key
};
// The provider does not have it.
struct RemoteFailedReport {
  std::uint32_t ordinal = 1;
  std::string code;
  std::string message;
};
// It cannot be told. The lease is over; the task is ready again when somebody has said.
struct RemoteUnknownReport {
  std::uint32_t ordinal = 1;
  std::string message;
};

using ReportBody = std::variant<ProgressReport, EmitReport, LogReport, ResourceReport,
                                SucceededReport, FailedReport, CanceledReport, StepReport,
                                SleepReport, PollWaitReport, ReviewReport, RemoteIntentReport,
                                RemoteSubmittedReport, RemoteFailedReport, RemoteUnknownReport>;

// In JSON the body's members stand beside these and `kind` names it: progress, emit, log, resource,
// succeeded, failed, canceled, step, sleep, poll_wait, review, remote_intent, remote_submitted,
// remote_failed, remote_unknown.
struct Report {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  std::uint64_t seq = 0;  // of the worker: counts up by one
  // Of the lease: counts up by one. What was not acknowledged when the connection broke is sent
  // again under the same numbers, and is recorded once.
  std::uint64_t number = 0;
  ReportBody body;
};

struct Reports {  // type: report
  std::vector<Report> reports;
};

// --- server -> worker ---

struct Registered {
  std::string worker_id;
  // For so long its leases stay its own when the connection breaks; 0: they end with it.
  std::uint32_t grace_ms = 0;
  std::vector<std::string> fenced = {};  // of what it held, those that do not hold any more
};
struct Refused {  // the session is closed after it
  std::string code;
  std::string reason;
};

// A durable call that the task has finished before.
struct TaskMemo {
  std::string kind;  // "step", "sleep", "poll", "review", "remote"
  std::string name;
  std::string result;  // JSON text of any kind
};
// A poll that has been waited for before, under another lease.
struct PendingPoll {
  std::string name;
  std::uint64_t waited_ms = 0;
  bool lease_kept = false;  // under this one: for a worker's own looks, never from the server
};
// A job that was to be handed over under an earlier lease; nobody has said what became of it.
struct PendingRemote {
  std::string provider;
  std::string idempotency_key;
};
struct LeasedTask {
  std::string run_id;
  std::string task_id;
  std::string lease_id;
  std::uint32_t attempt = 1;
  std::string task_type;
  std::string input;                 // JSON object
  std::string session;               // JSON object: the submitter's session facts
  std::vector<TaskMemo> memos = {};  // in the order of the calls
  std::optional<PendingPoll> pending_poll = {};
  std::optional<PendingRemote> pending_remote = {};
  // Its jobs at providers are to be canceled, and nothing else: for a plugin's process, never from
  // the server.
  bool canceling = false;
};
struct Leased {
  std::vector<LeasedTask> tasks;
};

// The report is durable. resource_id is set for a resource and for a job that is to become one,
// idempotency_key for an intent that holds.
struct Acknowledgement {
  std::uint64_t seq = 0;
  std::string resource_id;
  std::string idempotency_key = {};
};
struct Acknowledged {
  std::vector<Acknowledgement> results;
};

// Stop this task and report it canceled (or whatever it came to). After grace_ms the lease is lost.
struct Cancel {
  std::string lease_id;
  std::uint32_t grace_ms = 0;
};
// The lease no longer holds: nothing that is reported under it counts any more. Stop the task.
struct Fenced {
  std::string lease_id;
  std::string reason;
};
struct Drain {};  // take no more tasks, finish what runs, leave

using WorkerMessage = std::variant<Register, Lease, Return, Reports>;
using ServerMessage =
    std::variant<Registered, Refused, Leased, Acknowledged, Cancel, Fenced, Drain>;

// A frame that is not one of the messages: says what is wrong with it.
struct ProtocolError {
  std::string reason;
};

// Opaque members (manifest, input, session, data, output) are JSON text here and JSON values in the
// frame, nested at most kJsonNestingMax deep. encode throws std::invalid_argument for one that is
// not JSON: check what comes from outside before (json_text.h). Text that is not UTF-8 is mended.
std::string encode(const WorkerMessage& message);
std::string encode(const ServerMessage& message);
std::variant<WorkerMessage, ProtocolError> decode_worker_message(std::string_view frame);
std::variant<ServerMessage, ProtocolError> decode_server_message(std::string_view frame);

}  // namespace runledger::core::protocol
