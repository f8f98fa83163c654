// The statuses of runs, tasks, attempts and resources, and their names. The names are on disk and
// in answers: never change one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace runledger::core {

enum class RunStatus : std::uint8_t {
  kPending,    // nobody works on it: not admitted yet, or all of its tasks wait for a worker
  kRunning,    // a task runs, or waits for something that comes by itself
  kReviewing,  // a person has to review
  kPaused,     // stands still until somebody decides: see PauseReason
  kCanceling,
  kSucceeded,
  kFailed,
  kCanceled,
};
enum class PauseReason : std::uint8_t {
  kManual,
  kFailure,
  kApproval,
  kUnknownRemote,
  kParent,  // the run above is paused by hand
};

enum class TaskStatus : std::uint8_t {
  kBlocked,    // what it needs has not ended yet, or its run is not admitted
  kReady,      // waits for a worker
  kRunning,    // a worker holds its lease; or it stands for a group or a sub-workflow under way
  kWaiting,    // for something that comes by itself, or for a person's word: see WaitKind
  kReviewing,  // its result waits for a person
  kSucceeded,
  kFailed,
  kTimedOut,
  kCanceled,
  kSkipped,
};
enum class WaitKind : std::uint8_t { kRetry, kTimer, kPoll, kApproval, kUnknownRemote };
// The durable calls of an executor whose results are recorded.
enum class MemoKind : std::uint8_t { kStep, kSleep, kPoll, kReview, kRemote };

enum class AttemptStatus : std::uint8_t {
  kRunning,
  kWaiting,  // its executor has unwound and is called again later
  kSucceeded,
  kFailed,
  kTimedOut,
  kCanceled,
  kLeaseLost,
};
enum class ResourceStatus : std::uint8_t {
  kPending,  // nothing is under way for it
  kSucceeded,
  kRunning,  // a provider has the job that it comes from
  kFailed,
  kUnknown,  // a provider may have that job
};

bool is_ended(RunStatus status);
bool is_ended(TaskStatus status);

std::string_view to_text(RunStatus value);
std::string_view to_text(PauseReason value);
std::string_view to_text(TaskStatus value);
std::string_view to_text(WaitKind value);
std::string_view to_text(MemoKind value);
std::string_view to_text(AttemptStatus value);
std::string_view to_text(ResourceStatus value);

// False, and the value stays, for a text that is none of the names.
bool from_text(std::string_view text, RunStatus& value);
bool from_text(std::string_view text, PauseReason& value);
bool from_text(std::string_view text, TaskStatus& value);
bool from_text(std::string_view text, WaitKind& value);
bool from_text(std::string_view text, MemoKind& value);
bool from_text(std::string_view text, AttemptStatus& value);
bool from_text(std::string_view text, ResourceStatus& value);

}  // namespace runledger::core
