// What a run is to do: the parsed form of a workflow's spec. The JSON form is described in
// core/workflow/README.md. Plain values; a run keeps the spec it started with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json_text.h"

namespace runledger::core {

inline constexpr std::size_t kStepsMax = 200;              // of one spec
inline constexpr std::size_t kForEachItemsMax = 1000;      // tasks that one step may become
inline constexpr std::size_t kSpecBytesMax = 1024 * 1024;  // of a spec's JSON text
inline constexpr std::size_t kStepIdBytesMax = 64;         // letters, digits, _ and -
inline constexpr std::uint32_t kRetryAttemptsMax = 100;
inline constexpr std::uint64_t kDurationMsMax = 366ull * 24 * 3600 * 1000;

enum class OnError : std::uint8_t { kPause, kFail, kContinue };

struct RetryPolicy {
  std::uint32_t max_attempts = 1;  // those that failed or timed out; a lost lease is none
  std::uint64_t initial_ms = 1000;
  double factor = 2;  // 1 to 10
  std::uint64_t max_ms = 60'000;
  std::uint64_t total_ms = 0;              // since the first attempt began; 0: no limit
  std::vector<std::string> not_retryable;  // error codes
  bool operator==(const RetryPolicy&) const = default;
};

// In milliseconds; 0: no limit of its own.
struct Timeouts {
  std::uint64_t total_ms = 0;      // `timeout_ms`: from ready to ended, attempts and waits included
  std::uint64_t attempt_ms = 0;    // `attempt_timeout_ms`
  std::uint64_t queue_ms = 0;      // `queue_timeout_ms`: ready, and no worker takes it
  std::uint64_t heartbeat_ms = 0;  // `heartbeat_timeout_ms`: running, and nothing is heard of it
  bool operator==(const Timeouts&) const = default;
};

struct Approval {                  // a person has to agree before the step runs
  std::vector<std::string> roles;  // any of them; default: reviewer
  std::uint64_t timeout_ms = 0;    // then the step fails with code approval_timed_out; 0: no limit
  bool operator==(const Approval&) const = default;
};

enum class OnReject : std::uint8_t {
  kEnd,         // a rejected review fails the step with code review_rejected
  kRegenerate,  // the executor gets the feedback and makes another one
};
struct ReviewPolicy {              // for executors that ask for a review
  std::vector<std::string> roles;  // any of them; default: reviewer
  OnReject on_reject = OnReject::kRegenerate;
  std::uint32_t rounds_max = 5;  // the rejection of the last round fails the step
  std::uint64_t timeout_ms = 0;
  bool operator==(const ReviewPolicy&) const = default;
};

struct ForEach {
  JsonText items;              // an array, or a string that is one whole reference to an array
  std::uint32_t parallel = 0;  // tasks at a time; 0: all
  bool operator==(const ForEach&) const = default;
};

struct StepSpec {
  std::string id;
  std::string task_type;  // one of these two
  std::string workflow;   // a sub-workflow by name
  JsonText input;         // object; may hold references
  bool input_has_references = false;
  std::vector<std::string> needs;  // ids of earlier steps; left out: the step before in the text
  std::optional<JsonText> when;    // a condition, see condition.h
  std::optional<ForEach> for_each;
  std::optional<Approval> approval;
  ReviewPolicy review;
  RetryPolicy retry;
  Timeouts timeouts;
  OnError on_error = OnError::kPause;
  bool operator==(const StepSpec&) const = default;
};

struct WorkflowSpec {
  std::vector<StepSpec> steps;           // at least one; needs point to earlier ones only
  std::optional<JsonText> output;        // may hold references; default: the last step's output
  std::optional<JsonText> input_schema;  // JSON Schema draft-07 of the run's input
  std::uint64_t timeout_ms = 0;          // of the whole run; 0: no limit
  bool operator==(const WorkflowSpec&) const = default;

  const StepSpec* find(std::string_view step_id) const;
};

struct SpecError {
  std::string pointer;  // RFC 6901, into the spec
  std::string message;
};

// The form, the ids, the graph and the references; not whether task types and workflows exist (see
// check_task_types). All errors at once, at most kSpecErrorsMax; the order of steps in the text
// need not be that of the graph, in the result needs point to earlier steps (a stable order).
inline constexpr std::size_t kSpecErrorsMax = 50;
std::variant<WorkflowSpec, std::vector<SpecError>> parse_spec(std::string_view json);

// The same for the JSON that to_json() made, which is on users' disks: without the limits of size
// and depth, because a single task's input may be as large and as deep as a request. A rule that is
// added to parse_spec() must not be one of this.
std::variant<WorkflowSpec, std::vector<SpecError>> parse_stored_spec(std::string_view json);

// The spec of a run of a single task: one step `main`, which fails the run when it fails.
WorkflowSpec single_task_spec(std::string task_type, JsonText input);

// The JSON form; parse_spec() of it gives the same spec. Defaults are left out.
std::string to_json(const WorkflowSpec& spec);

}  // namespace runledger::core
