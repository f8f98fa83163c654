// One run as the fold of its events: what decide() looks at, and what the views show. Plain values,
// changed by apply() alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runledger::core {

// JSON that is carried, not looked into.
struct JsonText {
  std::string text;
  bool operator==(const JsonText&) const = default;
};

struct Error {
  std::string code;     // stable, for programs
  std::string message;  // for people
  bool retryable = false;
  bool operator==(const Error&) const = default;
};

enum class RunStatus : std::uint8_t {
  kPending,
  kRunning,
  kCanceling,
  kSucceeded,
  kFailed,
  kCanceled,
};
enum class TaskStatus : std::uint8_t { kBlocked, kReady, kRunning, kSucceeded, kFailed, kCanceled };
enum class AttemptStatus : std::uint8_t { kRunning, kSucceeded, kFailed, kCanceled, kLeaseLost };
enum class ResourceStatus : std::uint8_t { kPending, kSucceeded };

struct AttemptState {
  std::uint32_t number = 1;
  AttemptStatus status = AttemptStatus::kRunning;
  std::string lease_id;
  std::string worker_id;
  std::string worker_name;
  std::string plugin_version;
  std::string plugin_sha256;
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;  // 0: it has not
  std::optional<Error> error;
  bool operator==(const AttemptState&) const = default;
};

struct TaskState {
  std::string task_id;
  std::string step;
  std::string type;
  TaskStatus status = TaskStatus::kBlocked;
  std::uint64_t ready_offset = 0;  // since when it has been waiting for a worker
  double percent = 0;
  std::string message;
  std::uint32_t charged_losses = 0;  // lost leases that count towards kLeaseLossesMax
  std::uint32_t silent_losses = 0;  // and towards kSilentLossesMax: the worker had reported nothing
  std::vector<AttemptState> attempts;
  std::optional<JsonText> output;
  std::optional<Error> error;
  bool operator==(const TaskState&) const = default;

  // The attempt under this lease, if the task is running under it now.
  const AttemptState* running_under(std::string_view lease_id) const;
};

struct ResourceState {
  std::string resource_id;
  std::string task_id;
  std::string name;
  std::string media_type;
  ResourceStatus status = ResourceStatus::kPending;
  std::string sha256;
  std::uint64_t size = 0;
  std::int64_t created_us = 0;
  std::int64_t ended_us = 0;
  bool operator==(const ResourceState&) const = default;
};

struct RunState {
  std::string run_id;
  std::string tenant;
  std::string owner;
  RunStatus status = RunStatus::kPending;
  std::uint64_t version = 0;   // counts what changes a decision: not progress, logs, emitted events
  std::uint64_t next_idx = 0;  // of its stream
  std::uint64_t last_offset = 0;  // of its latest event
  std::int64_t created_us = 0;
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  std::int32_t priority = 0;
  std::map<std::string, std::string> labels;
  std::vector<TaskState> tasks;
  std::vector<ResourceState> resources;
  std::optional<JsonText> output;
  std::optional<Error> error;
  // The latest decision on it, for telling a loser who won.
  std::string decided_by;
  std::string decision;  // the event's type
  std::int64_t decided_us = 0;
  std::uint64_t decided_offset = 0;
  bool operator==(const RunState&) const = default;

  bool ended() const;
  const TaskState* find_task(std::string_view task_id) const;
  TaskState* find_task(std::string_view task_id);
  double percent() const;  // of the whole run, 0 to 100
};

std::string_view to_text(RunStatus status);
std::string_view to_text(TaskStatus status);
std::string_view to_text(AttemptStatus status);
std::string_view to_text(ResourceStatus status);
std::optional<RunStatus> run_status_from_text(std::string_view text);
std::optional<TaskStatus> task_status_from_text(std::string_view text);
std::optional<AttemptStatus> attempt_status_from_text(std::string_view text);
std::optional<ResourceStatus> resource_status_from_text(std::string_view text);

}  // namespace runledger::core
