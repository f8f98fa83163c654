// Every fact that can be in the log, one struct an event type. On disk an event has the dotted name
// and the version given with the struct (1 where none is), and a JSON payload with the names of
// fields() (event_codec.h). Once written, a (name, version) never changes its meaning; a changed
// event gets a new version, and the old one an upgrade.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/domain/remote_events.h"
#include "core/domain/resource_events.h"
#include "core/domain/run_events.h"
#include "core/domain/system_events.h"
#include "core/domain/task_events.h"

namespace runledger::core {

using EventBody = std::variant<
    RunCreated, RunQueued, RunAdmitted, RunStarted, RunPaused, RunResumed, RunRetried, RunOverdue,
    RunCancelRequested, RunCanceled, RunSucceeded, RunFailed, TaskExpanded, TaskReady, TaskSkipped,
    TaskChildStarted, TaskApprovalRequested, TaskApproved, TaskRejected, TaskReviewRequested,
    TaskReviewed, TaskLeased, TaskProgressed, TaskEmitted, TaskLogged, TaskStepCompleted,
    TaskWaiting, TaskLeaseLost, TaskRetryScheduled, TaskSucceeded, TaskFailed, TaskTimedOut,
    TaskCanceled, TaskReused, RemoteIntended, RemoteSubmitted, RemoteFailed, RemoteUnknown,
    RemoteResolved, RemoteCancelRequested, ResourceCreated, ResourceSucceeded, ResourceFailed,
    TokenCreated, TaskTypeRegistered, WorkerRegistered, WorkflowDefined, WorkflowArchived,
    ScheduleDefined, ScheduleFired, ScheduleDeleted>;

// Who did it: "user:alice", "worker:local-1", or the system, from which all comes that follows by
// itself, whoever had caused it.
inline constexpr std::string_view kSystemActor = "system";
inline constexpr std::string_view kUserActorPrefix = "user:";

// An event in its place.
struct Event {
  std::uint64_t offset = 0;
  std::uint64_t idx = 0;
  std::int64_t time_us = 0;
  std::uint16_t version = 1;  // as recorded; the body is always that of the newest
  std::string stream;
  std::string tenant;  // whose run, workflow or schedule it is; empty in other system streams
  std::string owner;
  std::string actor;
  std::string command_id;
  EventBody body;
};

template <typename Body>
constexpr std::uint16_t version_of() {
  if constexpr (requires { Body::kVersion; }) {
    return Body::kVersion;
  } else {
    return 1;
  }
}

std::string_view type_of(const EventBody& body);
std::uint16_t version_of(const EventBody& body);

}  // namespace runledger::core
