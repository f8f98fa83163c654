// Every fact that can be in the log, one struct an event type. On disk an event has the dotted name
// and version given here and a JSON payload (event_codec.h). Once written, a (name, version) never
// changes its meaning; a changed event gets a new version: `static constexpr std::uint16_t
// kVersion` in its struct (1 without it), which is the version that is written. The registry of
// versions is event_registry.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/domain/run_state.h"

namespace runledger::core {

// --- a run's stream: the run's id ---

struct StepSpec {
  std::string id;
  std::string task_type;
  std::string task_id;
  JsonText input;  // object
};

struct RunCreated {
  static constexpr std::string_view kType = "run.created";
  std::string run_id;
  std::vector<StepSpec> steps;
  std::map<std::string, std::string> labels;
  JsonText session;  // object: what the submitter's back end says about its user and workspace
  std::int32_t priority = 0;
  std::string idempotency_key;  // empty: none was given
  std::string request_sha256;   // of the submitted body; empty without a key
};
struct RunStarted {
  static constexpr std::string_view kType = "run.started";
};
struct RunCancelRequested {
  static constexpr std::string_view kType = "run.cancel_requested";
};
struct RunCanceled {
  static constexpr std::string_view kType = "run.canceled";
};
struct RunSucceeded {
  static constexpr std::string_view kType = "run.succeeded";
};
struct RunFailed {
  static constexpr std::string_view kType = "run.failed";
  Error error;
};

struct TaskReady {
  static constexpr std::string_view kType = "task.ready";
  std::string task_id;
};
struct TaskLeased {
  static constexpr std::string_view kType = "task.leased";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string lease_id;
  std::string worker_id;
  std::string worker_name;
  std::string plugin_version;
  std::string plugin_sha256;
};
struct TaskProgressed {
  static constexpr std::string_view kType = "task.progressed";
  std::string task_id;
  std::uint32_t attempt = 1;
  double percent = 0;
  std::string message;
};
struct TaskEmitted {
  static constexpr std::string_view kType = "task.emitted";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string event_type;  // the executor's own
  JsonText data;
};
struct TaskLogged {
  static constexpr std::string_view kType = "task.logged";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string level;
  std::string text;
};
struct TaskLeaseLost {
  static constexpr std::string_view kType = "task.lease_lost";
  std::string task_id;
  std::uint32_t attempt = 1;
  std::string lease_id;
  // server_restarted, server_stopping, worker_lost, worker_drained, cancel_ignored, report_refused
  std::string reason;
  bool charged = false;  // whether it counts towards kLeaseLossesMax
};
inline constexpr std::string_view kWorkerLost = "worker_lost";

struct TaskSucceeded {
  static constexpr std::string_view kType = "task.succeeded";
  std::string task_id;
  std::uint32_t attempt = 1;
  JsonText output;  // object
};
struct TaskFailed {
  static constexpr std::string_view kType = "task.failed";
  std::string task_id;
  std::uint32_t attempt = 0;  // 0: it never ran
  Error error;
};
struct TaskCanceled {
  static constexpr std::string_view kType = "task.canceled";
  std::string task_id;
  std::uint32_t attempt = 0;  // 0: it never ran
};

struct ResourceCreated {
  static constexpr std::string_view kType = "resource.created";
  std::string resource_id;
  std::string task_id;
  std::string name;
  std::string media_type;
};
struct ResourceSucceeded {
  static constexpr std::string_view kType = "resource.succeeded";
  std::string resource_id;
  std::string sha256;
  std::uint64_t size = 0;  // bytes
};

// --- system streams ---

struct TokenCreated {  // sys/access
  static constexpr std::string_view kType = "token.created";
  std::string token_id;
  std::string tenant;
  std::string user;
  std::vector<std::string> roles;
  std::string secret_sha256;  // the secret itself is nowhere
};
struct TaskTypeRegistered {  // sys/task-types
  static constexpr std::string_view kType = "task_type.registered";
  std::string name;
  std::string version;
  std::string plugin_sha256;
  JsonText manifest;  // object: description, input_schema, output_schema, risk, examples
};
struct WorkerRegistered {  // sys/workers
  static constexpr std::string_view kType = "worker.registered";
  std::string worker_id;
  std::string name;
  std::int64_t pid = 0;
  std::uint32_t slots = 1;
};

using EventBody =
    std::variant<RunCreated, RunStarted, RunCancelRequested, RunCanceled, RunSucceeded, RunFailed,
                 TaskReady, TaskLeased, TaskProgressed, TaskEmitted, TaskLogged, TaskLeaseLost,
                 TaskSucceeded, TaskFailed, TaskCanceled, ResourceCreated, ResourceSucceeded,
                 TokenCreated, TaskTypeRegistered, WorkerRegistered>;

inline constexpr std::string_view kAccessStream = "sys/access";
inline constexpr std::string_view kTaskTypesStream = "sys/task-types";
inline constexpr std::string_view kWorkersStream = "sys/workers";

// An event in its place.
struct Event {
  std::uint64_t offset = 0;
  std::uint64_t idx = 0;
  std::int64_t time_us = 0;
  std::uint16_t version = 1;  // as recorded; the body is always that of the newest
  std::string stream;
  std::string tenant;  // whose run it is; empty in system streams
  std::string owner;
  std::string actor;
  std::string command_id;
  EventBody body;
};

std::string_view type_of(const EventBody& body);

// The version in which this build writes the event.
template <typename T>
constexpr std::uint16_t version_of() {
  if constexpr (requires { T::kVersion; }) {
    return T::kVersion;
  } else {
    return 1;
  }
}
std::uint16_t version_of(const EventBody& body);

}  // namespace runledger::core
