// The events of a run's stream that speak of the run itself. See events.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/domain/run_state.h"

namespace runledger::core {

struct PlannedTask {  // a step becomes a task
  std::string step;
  std::string task_id;
  bool operator==(const PlannedTask&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("step", &PlannedTask::step), field("task_id", &PlannedTask::task_id)};
  }
};

// On disk the members of the plan stand beside the others: spec, input, session.
struct RunCreated {
  static constexpr std::string_view kType = "run.created";
  static constexpr std::uint16_t kVersion = 2;  // 1: single tasks, see upgrades.cpp
  std::string run_id;
  std::string workflow;  // empty for a run of a given spec
  std::uint32_t workflow_version = 0;
  std::shared_ptr<const RunPlan> plan;
  std::vector<PlannedTask> tasks;  // one a step, in the order of the spec
  std::map<std::string, std::string> labels;
  std::int32_t priority = 0;
  std::optional<Concurrency> concurrency;
  std::int64_t start_at_us = 0;
  std::uint64_t overdue_after_ms = 0;
  std::optional<ParentTask> parent;
  std::uint32_t depth = 0;
  std::optional<std::uint32_t> sub_runs_max;  // below this run; nullopt: kSubRunsMax
  std::string retry_of;                       // the ended run that this one repeats
  std::string idempotency_key;                // empty: none was given
  std::string request_sha256;                 // of the submitted body; empty without a key
  static constexpr auto fields() {
    using E = RunCreated;
    return std::tuple{field("run_id", &E::run_id),
                      extra("workflow", &E::workflow),
                      extra("workflow_version", &E::workflow_version),
                      field("tasks", &E::tasks),
                      field("labels", &E::labels),
                      field("priority", &E::priority),
                      field("concurrency", &E::concurrency),
                      extra("start_at_us", &E::start_at_us),
                      field("overdue_after_ms", &E::overdue_after_ms),
                      field("parent", &E::parent),
                      extra("depth", &E::depth),
                      field("sub_runs_max", &E::sub_runs_max),
                      extra("retry_of", &E::retry_of),
                      extra("idempotency_key", &E::idempotency_key),
                      extra("request_sha256", &E::request_sha256)};
  }
};
// Its time has come, but others have its concurrency key.
struct RunQueued {
  static constexpr std::string_view kType = "run.queued";
  std::string key;
  static constexpr auto fields() { return std::tuple{field("key", &RunQueued::key)}; }
};
// Its time has come, and it has its concurrency key: its tasks may be ready from now on.
struct RunAdmitted {
  static constexpr std::string_view kType = "run.admitted";
  static constexpr auto fields() { return std::tuple{}; }
};
// The first lease of one of its tasks.
struct RunStarted {
  static constexpr std::string_view kType = "run.started";
  static constexpr auto fields() { return std::tuple{}; }
};
struct RunPaused {
  static constexpr std::string_view kType = "run.paused";
  static constexpr std::uint16_t kVersion = 2;  // 1: the reason was never "parent"
  PauseReason reason = PauseReason::kManual;
  std::string task_id;  // whose failure; empty by hand
  static constexpr auto fields() {
    return std::tuple{field("reason", &RunPaused::reason), extra("task_id", &RunPaused::task_id)};
  }
};
struct RunResumed {
  static constexpr std::string_view kType = "run.resumed";
  static constexpr std::uint16_t kVersion = 2;  // 1: named no tasks
  // Those that had failed and begin anew; nullopt, of version 1: those whose failure had paused it.
  std::optional<std::vector<std::string>> tasks;
  static constexpr auto fields() { return std::tuple{field("tasks", &RunResumed::tasks)}; }
};
// The step and all that need it begin anew; a pause by a failure is over.
struct RunRetried {
  static constexpr std::string_view kType = "run.retried";
  std::string from_step;
  static constexpr auto fields() { return std::tuple{field("from_step", &RunRetried::from_step)}; }
};
// Nothing has happened for `overdue_after_ms`: said once, and again after the same time.
struct RunOverdue {
  static constexpr std::string_view kType = "run.overdue";
  std::string reason;  // what it waits for, as `why` says it
  std::string task_id;
  std::int64_t since_us = 0;
  static constexpr auto fields() {
    return std::tuple{field("reason", &RunOverdue::reason), extra("task_id", &RunOverdue::task_id),
                      field("since_us", &RunOverdue::since_us)};
  }
};
struct RunCancelRequested {
  static constexpr std::string_view kType = "run.cancel_requested";
  static constexpr std::uint16_t kVersion = 2;  // 1: gave no reason
  std::string reason;  // empty: somebody asked for it; "replaced", "parent_canceled"
  static constexpr auto fields() {
    return std::tuple{extra("reason", &RunCancelRequested::reason)};
  }
};
struct RunCanceled {
  static constexpr std::string_view kType = "run.canceled";
  static constexpr auto fields() { return std::tuple{}; }
};
struct RunSucceeded {
  static constexpr std::string_view kType = "run.succeeded";
  static constexpr std::uint16_t kVersion = 2;  // 1: had no output of its own
  std::optional<JsonText> output;  // as the spec says; without one it is the last step's
  static constexpr auto fields() { return std::tuple{field("output", &RunSucceeded::output)}; }
};
struct RunFailed {
  static constexpr std::string_view kType = "run.failed";
  Error error;
  static constexpr auto fields() { return std::tuple{field("error", &RunFailed::error)}; }
};

}  // namespace runledger::core
