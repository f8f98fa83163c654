// The events of a run's stream that speak of its tasks. See events.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/domain/run_state.h"

namespace runledger::core {

// --- on the way to a worker ---

// A step with for_each becomes tasks; its own task stands for all of them.
struct TaskExpanded {
  static constexpr std::string_view kType = "task.expanded";
  struct Item {
    std::string task_id;
    JsonText item;
    bool operator==(const Item&) const = default;
    static constexpr auto fields() {
      return std::tuple{field("task_id", &Item::task_id), field("item", &Item::item)};
    }
  };
  std::string task_id;
  std::vector<Item> items;
  static constexpr auto fields() {
    return std::tuple{field("task_id", &TaskExpanded::task_id),
                      field("items", &TaskExpanded::items)};
  }
};
struct TaskReady {
  static constexpr std::string_view kType = "task.ready";
  static constexpr std::uint16_t kVersion = 2;  // 1: had no input
  std::string task_id;
  std::optional<JsonText> input;  // with its references resolved; none: the step's, or as before
  static constexpr auto fields() {
    return std::tuple{field("task_id", &TaskReady::task_id), field("input", &TaskReady::input)};
  }
};
struct TaskSkipped {
  static constexpr std::string_view kType = "task.skipped";
  std::string task_id;
  std::string reason;  // "when", "needs"
  static constexpr auto fields() {
    return std::tuple{field("task_id", &TaskSkipped::task_id),
                      field("reason", &TaskSkipped::reason)};
  }
};
struct TaskChildStarted {
  static constexpr std::string_view kType = "task.child_started";
  std::string task_id;
  std::string run_id;  // of the sub-workflow
  JsonText input;      // of that run
  static constexpr auto fields() {
    using E = TaskChildStarted;
    return std::tuple{field("task_id", &E::task_id), field("run_id", &E::run_id),
                      field("input", &E::input)};
  }
};

// --- people ---

struct TaskApprovalRequested {
  static constexpr std::string_view kType = "task.approval_requested";
  std::string task_id;
  JsonText input;  // what is to be approved
  std::string content_sha256;
  std::vector<std::string> roles;
  std::int64_t deadline_us = 0;
  static constexpr auto fields() {
    using E = TaskApprovalRequested;
    return std::tuple{field("task_id", &E::task_id), field("input", &E::input),
                      field("content_sha256", &E::content_sha256), field("roles", &E::roles),
                      extra("deadline_us", &E::deadline_us)};
  }
};
struct TaskApproved {
  static constexpr std::string_view kType = "task.approved";
  std::string task_id;
  std::string content_sha256;  // what the person saw
  std::string comment;
  static constexpr auto fields() {
    using E = TaskApproved;
    return std::tuple{field("task_id", &E::task_id), field("content_sha256", &E::content_sha256),
                      extra("comment", &E::comment)};
  }
};
struct TaskRejected {
  static constexpr std::string_view kType = "task.rejected";
  std::string task_id;
  std::string content_sha256;
  std::string comment;
  static constexpr auto fields() {
    using E = TaskRejected;
    return std::tuple{field("task_id", &E::task_id), field("content_sha256", &E::content_sha256),
                      extra("comment", &E::comment)};
  }
};
struct TaskReviewRequested {
  static constexpr std::string_view kType = "task.review_requested";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string name;
  std::uint32_t round = 1;
  JsonText body;
  JsonText validation;
  std::optional<JsonText> schema;
  std::string content_sha256;
  std::vector<std::string> roles;
  std::int64_t deadline_us = 0;
  static constexpr auto fields() {
    using E = TaskReviewRequested;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("name", &E::name),       field("round", &E::round),
                      field("body", &E::body),       field("validation", &E::validation),
                      field("schema", &E::schema),   field("content_sha256", &E::content_sha256),
                      field("roles", &E::roles),     extra("deadline_us", &E::deadline_us)};
  }
};
struct TaskReviewed {
  static constexpr std::string_view kType = "task.reviewed";
  std::string task_id;
  std::string name;
  std::uint32_t round = 1;
  bool approved = false;
  std::string content_sha256;         // what the person saw
  std::optional<JsonText> corrected;  // instead of it
  std::string feedback;
  static constexpr auto fields() {
    using E = TaskReviewed;
    return std::tuple{field("task_id", &E::task_id),
                      field("name", &E::name),
                      field("round", &E::round),
                      field("approved", &E::approved),
                      field("content_sha256", &E::content_sha256),
                      field("corrected", &E::corrected),
                      extra("feedback", &E::feedback)};
  }
};

// --- under a lease ---

struct TaskLeased {
  static constexpr std::string_view kType = "task.leased";
  static constexpr std::uint16_t kVersion = 2;  // 1: did not tell local from remote workers
  std::string task_id;
  std::uint32_t attempt = 1;  // an attempt that waited is leased again under its number
  std::string lease_id;
  std::string worker_id;
  std::string worker_name;
  std::string plugin_version;
  std::string plugin_sha256;
  bool remote = false;  // the worker is no child of the server
  static constexpr auto fields() {
    using E = TaskLeased;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("lease_id", &E::lease_id),
                      field("worker_id", &E::worker_id),
                      field("worker_name", &E::worker_name),
                      field("plugin_version", &E::plugin_version),
                      field("plugin_sha256", &E::plugin_sha256),
                      extra("remote", &E::remote)};
  }
};
struct TaskProgressed {
  static constexpr std::string_view kType = "task.progressed";
  std::string task_id;
  std::uint32_t attempt = 1;
  double percent = 0;
  std::string message;
  static constexpr auto fields() {
    using E = TaskProgressed;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("percent", &E::percent), field("message", &E::message)};
  }
};
struct TaskEmitted {
  static constexpr std::string_view kType = "task.emitted";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string event_type;  // the executor's own
  JsonText data;
  static constexpr auto fields() {
    using E = TaskEmitted;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("type", &E::event_type), field("data", &E::data)};
  }
};
struct TaskLogged {
  static constexpr std::string_view kType = "task.logged";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string level;
  std::string text;
  static constexpr auto fields() {
    using E = TaskLogged;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("level", &E::level), field("text", &E::text)};
  }
};
struct TaskStepCompleted {
  static constexpr std::string_view kType = "task.step_completed";
  static constexpr std::uint16_t kVersion = 2;  // 1: were steps only
  std::string task_id;
  std::uint32_t attempt = 1;
  MemoKind kind = MemoKind::kStep;  // kStep or kPoll
  std::string name;
  JsonText result;
  static constexpr auto fields() {
    using E = TaskStepCompleted;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("kind", &E::kind), field("name", &E::name),
                      field("result", &E::result)};
  }
};
// The executor has unwound and is called again when it is due. The lease is over, unless a poll
// keeps it: then the worker calls it again by itself, and says no more until there is news.
struct TaskWaiting {
  static constexpr std::string_view kType = "task.waiting";
  static constexpr std::uint16_t kVersion = 2;  // 1: polls had no deadline and kept no lease
  std::string task_id;
  std::uint32_t attempt = 1;
  WaitKind kind = WaitKind::kTimer;  // kTimer or kPoll
  std::string name;
  std::int64_t due_us = 0;       // 0: the lease is kept
  std::int64_t deadline_us = 0;  // of a poll: when it has failed
  bool lease_kept = false;
  static constexpr auto fields() {
    using E = TaskWaiting;
    return std::tuple{field("task_id", &E::task_id),
                      field("attempt", &E::attempt),
                      field("kind", &E::kind),
                      field("name", &E::name),
                      field("due_us", &E::due_us),
                      extra("deadline_us", &E::deadline_us),
                      extra("lease_kept", &E::lease_kept)};
  }
};
struct TaskLeaseLost {
  static constexpr std::string_view kType = "task.lease_lost";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string lease_id;
  // server_restarted, server_stopping, worker_lost, worker_drained, cancel_ignored, report_refused,
  // not_begun
  std::string reason;
  bool charged = false;  // whether it counts towards kLeaseLossesMax
  static constexpr auto fields() {
    using E = TaskLeaseLost;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("lease_id", &E::lease_id), field("reason", &E::reason),
                      field("charged", &E::charged)};
  }
};
inline constexpr std::string_view kWorkerLost = "worker_lost";
// Its worker gave it back unbegun: the attempt goes on, under its number, with the next lease.
inline constexpr std::string_view kNotBegun = "not_begun";

// --- how attempts and tasks end ---

// The attempt has failed or timed out; another one follows.
struct TaskRetryScheduled {
  static constexpr std::string_view kType = "task.retry_scheduled";
  std::string task_id;
  std::uint32_t attempt = 1;  // the one that has ended
  bool timed_out = false;
  Error error;
  std::uint64_t delay_ms = 0;  // jitter included
  std::int64_t due_us = 0;
  static constexpr auto fields() {
    using E = TaskRetryScheduled;
    return std::tuple{field("task_id", &E::task_id),     field("attempt", &E::attempt),
                      field("timed_out", &E::timed_out), field("error", &E::error),
                      field("delay_ms", &E::delay_ms),   field("due_us", &E::due_us)};
  }
};
struct TaskSucceeded {
  static constexpr std::string_view kType = "task.succeeded";
  std::string task_id;
  std::uint32_t attempt = 1;  // 0: of a group or a sub-workflow
  JsonText output;            // object; of a group the array of its tasks' outputs
  static constexpr auto fields() {
    using E = TaskSucceeded;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("output", &E::output)};
  }
};
struct TaskFailed {
  static constexpr std::string_view kType = "task.failed";
  std::string task_id;
  std::uint32_t attempt = 0;  // 0: it never ran
  Error error;
  static constexpr auto fields() {
    using E = TaskFailed;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("error", &E::error)};
  }
};
struct TaskTimedOut {
  static constexpr std::string_view kType = "task.timed_out";
  std::string task_id;
  std::uint32_t attempt = 0;
  // "queue", "attempt", "heartbeat", "total", "approval", "review", "poll"
  std::string which;
  Error error;
  static constexpr auto fields() {
    using E = TaskTimedOut;
    return std::tuple{field("task_id", &E::task_id), field("attempt", &E::attempt),
                      field("which", &E::which), field("error", &E::error)};
  }
};
struct TaskCanceled {
  static constexpr std::string_view kType = "task.canceled";
  std::string task_id;
  std::uint32_t attempt = 0;  // 0: it never ran
  static constexpr auto fields() {
    return std::tuple{field("task_id", &TaskCanceled::task_id),
                      field("attempt", &TaskCanceled::attempt)};
  }
};

// A task of a run that repeats another: its step had ended there and is not done again.
struct TaskReused {
  static constexpr std::string_view kType = "task.reused";
  std::string task_id;
  std::string from_task_id;  // of the run that is repeated
  TaskStatus status = TaskStatus::kSucceeded;
  std::optional<JsonText> output;
  std::optional<Error> error;  // of one that failed, which its spec lets pass
  static constexpr auto fields() {
    using E = TaskReused;
    return std::tuple{field("task_id", &E::task_id), field("from_task_id", &E::from_task_id),
                      field("status", &E::status), field("output", &E::output),
                      field("error", &E::error)};
  }
};

}  // namespace runledger::core
