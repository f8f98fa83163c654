// One run as the fold of its events: what decide() looks at, and what the views show. Plain values,
// changed by apply() alone. Times are microseconds since 1970 UTC; 0 says that it has not happened,
// or will not. fields() is the form of the run's row (views/run_row.h).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fields.h"
#include "core/base/json_text.h"
#include "core/domain/error.h"
#include "core/domain/remote_state.h"
#include "core/domain/run_plan.h"
#include "core/domain/status.h"

namespace runledger::core {

// The latest decision of a person on a run or task, for telling a loser who won.
struct Decided {
  std::string by;        // an actor
  std::string decision;  // the event's type
  std::int64_t time_us = 0;
  std::uint64_t offset = 0;
  std::uint64_t version = 0;  // that the run came to by it
  bool operator==(const Decided&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("by", &Decided::by), field("decision", &Decided::decision),
                      field("time_us", &Decided::time_us), field("offset", &Decided::offset),
                      field("version", &Decided::version)};
  }
};

struct AttemptState {
  std::uint32_t number = 1;
  AttemptStatus status = AttemptStatus::kRunning;
  std::string lease_id;  // the latest one: an attempt that waited goes on under another
  std::string worker_id;
  std::string worker_name;
  std::string plugin_version;
  std::string plugin_sha256;
  bool remote = false;  // the worker is no child of the server
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  // Reports of its latest lease that are in the log: up to which number (report_id.h).
  std::uint64_t reports = 0;
  std::optional<Error> error;
  bool operator==(const AttemptState&) const = default;
  static constexpr auto fields() {
    using A = AttemptState;
    return std::tuple{field("number", &A::number),
                      field("status", &A::status),
                      field("lease_id", &A::lease_id),
                      field("worker_id", &A::worker_id),
                      field("worker_name", &A::worker_name),
                      field("plugin_version", &A::plugin_version),
                      field("plugin_sha256", &A::plugin_sha256),
                      extra("remote", &A::remote),
                      field("started_us", &A::started_us),
                      extra("ended_us", &A::ended_us),
                      extra("reports", &A::reports),
                      field("error", &A::error)};
  }
};

struct Wait {
  WaitKind kind = WaitKind::kTimer;
  std::string name;              // as the executor calls it
  std::int64_t due_us = 0;       // when it goes on by itself
  std::int64_t deadline_us = 0;  // of a poll: when it has failed
  bool lease_kept = false;       // of a poll: the worker looks again by itself, under its lease
  bool operator==(const Wait&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("kind", &Wait::kind), extra("name", &Wait::name),
                      extra("due_us", &Wait::due_us), extra("deadline_us", &Wait::deadline_us),
                      extra("lease_kept", &Wait::lease_kept)};
  }
};

// A poll that an executor has begun and that has not found anything yet. It outlives leases and
// attempts, as memos do.
struct PendingPoll {
  std::string name;
  std::int64_t since_us = 0;
  std::int64_t deadline_us = 0;
  bool operator==(const PendingPoll&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("name", &PendingPoll::name), field("since_us", &PendingPoll::since_us),
                      field("deadline_us", &PendingPoll::deadline_us)};
  }
};

// What a person is asked: to approve a task's input, or to review its result.
struct Question {
  std::string name;                // of a review, as the executor calls it
  std::uint32_t round = 0;         // of a review, from 1
  JsonText body;                   // what is to be decided on
  JsonText validation{"null"};     // of a review: what the executor found out about the body
  std::optional<JsonText> schema;  // of a review: a corrected body has to fit it
  std::string content_sha256;      // of the body's text: a decision names it
  std::vector<std::string> roles;  // any of them may decide
  std::int64_t deadline_us = 0;
  bool operator==(const Question&) const = default;
  static constexpr auto fields() {
    using Q = Question;
    return std::tuple{extra("name", &Q::name),     extra("round", &Q::round),
                      field("body", &Q::body),     field("validation", &Q::validation),
                      field("schema", &Q::schema), field("content_sha256", &Q::content_sha256),
                      field("roles", &Q::roles),   extra("deadline_us", &Q::deadline_us)};
  }
};

// A finished durable call of an executor: called again, it gets the result and does not do it
// again. Their order is that of the calls.
struct Memo {
  MemoKind kind = MemoKind::kStep;
  std::string name;
  JsonText result;
  std::uint64_t idx = 0;  // of the event that it came with
  bool operator==(const Memo&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("kind", &Memo::kind), field("name", &Memo::name),
                      field("result", &Memo::result), field("idx", &Memo::idx)};
  }
};

// Which rows hold parts of a run beside its own row, as of the latest commit: what the next one has
// to add and to delete (views/run_parts.h). No fold of the log.
struct StoredParts {
  struct Memos {
    std::uint64_t first_idx = 0;  // of the first one
    std::uint32_t count = 0;
  };
  std::set<std::string> texts;         // by what their keys end with
  std::map<std::string, Memos> memos;  // by task id
};

struct TaskState {
  std::string task_id;
  std::string step;
  std::string type;                         // a task type; "workflow/NAME" for a sub-workflow
  std::uint32_t step_number = 0;            // in the plan's spec
  bool is_group = false;                    // stands for the tasks that a for_each step became
  std::optional<std::uint32_t> item_index;  // of a for_each step's task
  std::optional<JsonText> item;
  TaskStatus status = TaskStatus::kBlocked;
  std::int64_t since_us = 0;        // of the status
  std::int64_t first_ready_us = 0;  // for the time-out of the whole
  std::uint64_t ready_offset = 0;   // since when it has been waiting for a worker
  std::int64_t ready_us = 0;
  std::optional<JsonText> input;  // as it was resolved; nullopt: the step's own, as it stands
  double percent = 0;
  std::string message;
  std::uint32_t failures = 0;        // attempts that count for the retry policy
  std::uint32_t charged_losses = 0;  // lost leases that count towards kLeaseLossesMax
  std::uint32_t silent_losses = 0;   // towards kSilentLossesMax: the worker had reported nothing
  std::uint32_t review_rounds = 0;
  bool approved = false;
  std::optional<Wait> wait;
  std::optional<Question> question;
  std::vector<Memo> memos;
  std::optional<PendingPoll> poll;
  std::uint32_t begun_anew = 0;          // how often, by hand
  std::vector<RemoteCall> remote_calls;  // since then; they outlive leases, attempts and its end
  std::string child_run_id;              // of a sub-workflow
  std::string reused_from;               // the task of another run whose end this is
  std::optional<Decided> decided;
  std::vector<AttemptState> attempts;
  std::optional<JsonText> output;
  std::optional<Error> error;
  bool operator==(const TaskState&) const = default;

  // The attempt under this lease, if the lease holds now.
  const AttemptState* held_under(std::string_view lease_id) const;
  // A worker runs it.
  bool at_work() const {
    return status == TaskStatus::kRunning && !is_group && child_run_id.empty();
  }
  // It polls: its worker has the lease, and no slot for it.
  bool parked() const { return status == TaskStatus::kWaiting && wait && wait->lease_kept; }
  bool held_by_worker() const { return at_work() || parked(); }
  // Nobody knows what became of a job at a provider, and a person has to say.
  bool waits_for_resolve() const {
    return status == TaskStatus::kWaiting && wait && wait->kind == WaitKind::kUnknownRemote;
  }

  static constexpr auto fields() {
    using T = TaskState;
    return std::tuple{field("task_id", &T::task_id),
                      field("step", &T::step),
                      field("type", &T::type),
                      extra("step_number", &T::step_number),
                      extra("is_group", &T::is_group),
                      field("item_index", &T::item_index),
                      field("item", &T::item),
                      field("status", &T::status),
                      extra("since_us", &T::since_us),
                      extra("first_ready_us", &T::first_ready_us),
                      extra("ready_offset", &T::ready_offset),
                      extra("ready_us", &T::ready_us),
                      field("input", &T::input),
                      extra("percent", &T::percent),
                      extra("message", &T::message),
                      extra("failures", &T::failures),
                      extra("charged_losses", &T::charged_losses),
                      extra("silent_losses", &T::silent_losses),
                      extra("review_rounds", &T::review_rounds),
                      extra("approved", &T::approved),
                      field("wait", &T::wait),
                      field("question", &T::question),
                      extra("memos", &T::memos),
                      field("poll", &T::poll),
                      extra("begun_anew", &T::begun_anew),
                      extra("remote_calls", &T::remote_calls),
                      extra("child_run_id", &T::child_run_id),
                      extra("reused_from", &T::reused_from),
                      field("decided", &T::decided),
                      extra("attempts", &T::attempts),
                      field("output", &T::output),
                      field("error", &T::error)};
  }
};

struct ResourceState {
  std::string resource_id;
  std::string task_id;
  std::string name;
  std::string media_type;
  ResourceStatus status = ResourceStatus::kPending;
  std::string sha256;
  std::uint64_t size = 0;  // bytes
  std::int64_t created_us = 0;
  std::int64_t ended_us = 0;
  std::string task_type;
  std::string execute_id;  // of the job at a provider that it comes from
  std::optional<Error> error;
  bool operator==(const ResourceState&) const = default;
  bool open() const {  // there is no content, and may be
    return status != ResourceStatus::kSucceeded && status != ResourceStatus::kFailed;
  }
  static constexpr auto fields() {
    using R = ResourceState;
    return std::tuple{field("resource_id", &R::resource_id),
                      field("task_id", &R::task_id),
                      field("name", &R::name),
                      field("media_type", &R::media_type),
                      field("status", &R::status),
                      field("sha256", &R::sha256),
                      field("size", &R::size),
                      field("created_us", &R::created_us),
                      field("ended_us", &R::ended_us),
                      extra("task_type", &R::task_type),
                      extra("execute_id", &R::execute_id),
                      field("error", &R::error)};
  }
};

struct Pause {
  PauseReason reason = PauseReason::kManual;
  std::string task_id;  // whose failure it was; empty for a pause by hand
  std::int64_t since_us = 0;
  bool operator==(const Pause&) const = default;
  static constexpr auto fields() {
    return std::tuple{field("reason", &Pause::reason), extra("task_id", &Pause::task_id),
                      field("since_us", &Pause::since_us)};
  }
};

struct RunState {
  std::string run_id;
  std::string tenant;
  std::string owner;
  std::string workflow;                // its name; empty for a run of a given spec
  std::uint32_t workflow_version = 0;  // from 1
  RunStatus status = RunStatus::kPending;
  std::uint64_t version = 0;   // counts what changes a decision: not progress, logs, emitted events
  std::uint64_t next_idx = 0;  // of its stream
  std::uint64_t last_offset = 0;     // of its latest event
  std::uint64_t created_offset = 0;  // its place among those who wait for a concurrency key
  std::int64_t created_us = 0;
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  std::int64_t since_us = 0;  // of the status
  std::int32_t priority = 0;
  std::map<std::string, std::string> labels;
  bool queued = false;    // waits for its concurrency key
  bool admitted = false;  // its time has come and it has its concurrency key: tasks may be ready
  bool cancel_requested = false;
  std::optional<Pause> pause;
  std::int64_t start_at_us = 0;
  std::int64_t deadline_us = 0;  // of the whole run, from its admission
  std::int64_t overdue_us = 0;   // when the watchdog speaks, if nothing happens until then
  std::uint64_t overdue_after_ms = 0;
  std::optional<Concurrency> concurrency;
  std::optional<ParentTask> parent;
  std::uint32_t depth = 0;                    // of sub-workflows
  std::optional<std::uint32_t> sub_runs_max;  // below this run; nullopt: kSubRunsMax
  std::string retry_of;                       // the run that this one repeats
  std::optional<Decided> decided;
  std::vector<TaskState> tasks;
  std::vector<ResourceState> resources;
  std::optional<JsonText> output;
  std::optional<Error> error;
  // These are not in the row. The plan has a row of its own, written once; views do without it.
  std::shared_ptr<const RunPlan> plan;
  std::optional<RunStatus> status_before;     // the latest event; nullopt: that created it
  std::shared_ptr<const StoredParts> stored;  // nullptr: none

  bool ended() const { return is_ended(status); }
  const TaskState* find_task(std::string_view task_id) const;
  TaskState* find_task(std::string_view task_id);
  const ResourceState* find_resource(std::string_view resource_id) const;
  const StepSpec& step_of(const TaskState& task) const;
  double percent() const;                          // of the whole run, 0 to 100
  double percent_of(const TaskState& task) const;  // of a group the mean of its tasks
  // kPaused's reason: the run's own, or what it waits for: an approval, an unknown remote job.
  std::optional<PauseReason> pause_reason() const;
  bool operator==(const RunState& other) const;  // plans by value

  static constexpr auto fields() {
    using R = RunState;
    return std::tuple{field("run_id", &R::run_id),
                      field("tenant", &R::tenant),
                      field("owner", &R::owner),
                      extra("workflow", &R::workflow),
                      extra("workflow_version", &R::workflow_version),
                      field("status", &R::status),
                      field("version", &R::version),
                      field("next_idx", &R::next_idx),
                      field("last_offset", &R::last_offset),
                      field("created_offset", &R::created_offset),
                      field("created_us", &R::created_us),
                      extra("started_us", &R::started_us),
                      extra("ended_us", &R::ended_us),
                      extra("since_us", &R::since_us),
                      extra("priority", &R::priority),
                      extra("labels", &R::labels),
                      extra("queued", &R::queued),
                      extra("admitted", &R::admitted),
                      extra("cancel_requested", &R::cancel_requested),
                      field("pause", &R::pause),
                      extra("start_at_us", &R::start_at_us),
                      extra("deadline_us", &R::deadline_us),
                      extra("overdue_us", &R::overdue_us),
                      extra("overdue_after_ms", &R::overdue_after_ms),
                      field("concurrency", &R::concurrency),
                      field("parent", &R::parent),
                      extra("depth", &R::depth),
                      field("sub_runs_max", &R::sub_runs_max),
                      extra("retry_of", &R::retry_of),
                      field("decided", &R::decided),
                      field("tasks", &R::tasks),
                      extra("resources", &R::resources),
                      field("output", &R::output),
                      field("error", &R::error)};
  }
};

// What the status is, from all the rest. Not for a run that has ended.
RunStatus status_of(const RunState& run);

}  // namespace runledger::core
