// The events of the system's streams. See events.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/base/json_text.h"

namespace runledger::core {

inline constexpr std::string_view kAccessStream = "sys/access";
inline constexpr std::string_view kTaskTypesStream = "sys/task-types";
inline constexpr std::string_view kWorkersStream = "sys/workers";
inline constexpr std::string_view kWorkflowsStream = "sys/workflows";
inline constexpr std::string_view kSchedulesStream = "sys/schedules";

struct TokenCreated {  // sys/access
  static constexpr std::string_view kType = "token.created";
  std::string token_id;
  std::string tenant;
  std::string user;
  std::vector<std::string> roles;
  std::string secret_sha256;  // the secret itself is nowhere
  static constexpr auto fields() {
    using E = TokenCreated;
    return std::tuple{field("token_id", &E::token_id), field("tenant", &E::tenant),
                      field("user", &E::user), field("roles", &E::roles),
                      field("secret_sha256", &E::secret_sha256)};
  }
};
struct TaskTypeRegistered {  // sys/task-types
  static constexpr std::string_view kType = "task_type.registered";
  std::string name;
  std::string version;
  std::string plugin_sha256;
  JsonText manifest;  // object: description, input_schema, output_schema, risk, examples
  static constexpr auto fields() {
    using E = TaskTypeRegistered;
    return std::tuple{field("name", &E::name), field("version", &E::version),
                      field("plugin_sha256", &E::plugin_sha256), field("manifest", &E::manifest)};
  }
};
struct WorkerRegistered {  // sys/workers
  static constexpr std::string_view kType = "worker.registered";
  std::string worker_id;
  std::string name;
  std::int64_t pid = 0;
  std::uint32_t slots = 1;
  static constexpr auto fields() {
    using E = WorkerRegistered;
    return std::tuple{field("worker_id", &E::worker_id), field("name", &E::name),
                      field("pid", &E::pid), field("slots", &E::slots)};
  }
};

// A tenant's workflow: the record's tenant. Versions count from 1.
struct WorkflowDefined {  // sys/workflows
  static constexpr std::string_view kType = "workflow.defined";
  std::string name;
  std::uint32_t version = 1;
  std::string description;
  JsonText spec;
  static constexpr auto fields() {
    using E = WorkflowDefined;
    return std::tuple{field("name", &E::name), field("version", &E::version),
                      field("description", &E::description), field("spec", &E::spec)};
  }
};
// No more runs of it are started; a new version brings it back.
struct WorkflowArchived {  // sys/workflows
  static constexpr std::string_view kType = "workflow.archived";
  std::string name;
  static constexpr auto fields() { return std::tuple{field("name", &WorkflowArchived::name)}; }
};

// What to do with times that passed while the server was down.
enum class CatchUp : std::uint8_t { kSkip, kOne, kAll };
std::string_view to_text(CatchUp value);
bool from_text(std::string_view text, CatchUp& value);

// A workflow that is started at times, for a tenant and an owner: the record's.
struct ScheduleDefined {  // sys/schedules
  static constexpr std::string_view kType = "schedule.defined";
  std::string schedule_id;
  std::string workflow;
  JsonText input;
  JsonText session;
  std::string cron;
  std::string zone;
  CatchUp catch_up = CatchUp::kOne;
  std::int64_t next_us = 0;
  static constexpr auto fields() {
    using E = ScheduleDefined;
    return std::tuple{field("schedule_id", &E::schedule_id),
                      field("workflow", &E::workflow),
                      field("input", &E::input),
                      field("session", &E::session),
                      field("cron", &E::cron),
                      field("zone", &E::zone),
                      field("catch_up", &E::catch_up),
                      field("next_us", &E::next_us)};
  }
};
struct ScheduleFired {  // sys/schedules
  static constexpr std::string_view kType = "schedule.fired";
  std::string schedule_id;
  std::int64_t due_us = 0;   // the time that it was for
  std::string run_id;        // empty: none was started
  std::string skipped;       // why not
  std::int64_t next_us = 0;  // 0: never again
  static constexpr auto fields() {
    using E = ScheduleFired;
    return std::tuple{field("schedule_id", &E::schedule_id), field("due_us", &E::due_us),
                      extra("run_id", &E::run_id), extra("skipped", &E::skipped),
                      field("next_us", &E::next_us)};
  }
};
struct ScheduleDeleted {  // sys/schedules
  static constexpr std::string_view kType = "schedule.deleted";
  std::string schedule_id;
  static constexpr auto fields() {
    return std::tuple{field("schedule_id", &ScheduleDeleted::schedule_id)};
  }
};

}  // namespace runledger::core
