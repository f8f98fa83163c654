#include "core/domain/status.h"

#include <array>

#include "core/base/names.h"

namespace runledger::core {
namespace {

constexpr std::array<Name<RunStatus>, 8> kRunNames{{{RunStatus::kPending, "pending"},
                                                    {RunStatus::kRunning, "running"},
                                                    {RunStatus::kReviewing, "reviewing"},
                                                    {RunStatus::kPaused, "paused"},
                                                    {RunStatus::kCanceling, "canceling"},
                                                    {RunStatus::kSucceeded, "succeeded"},
                                                    {RunStatus::kFailed, "failed"},
                                                    {RunStatus::kCanceled, "canceled"}}};
constexpr std::array<Name<PauseReason>, 5> kPauseNames{
    {{PauseReason::kManual, "manual"},
     {PauseReason::kFailure, "failure"},
     {PauseReason::kApproval, "approval"},
     {PauseReason::kUnknownRemote, "unknown_remote"},
     {PauseReason::kParent, "parent"}}};
constexpr std::array<Name<TaskStatus>, 10> kTaskNames{{{TaskStatus::kBlocked, "blocked"},
                                                       {TaskStatus::kReady, "ready"},
                                                       {TaskStatus::kRunning, "running"},
                                                       {TaskStatus::kWaiting, "waiting"},
                                                       {TaskStatus::kReviewing, "reviewing"},
                                                       {TaskStatus::kSucceeded, "succeeded"},
                                                       {TaskStatus::kFailed, "failed"},
                                                       {TaskStatus::kTimedOut, "timed_out"},
                                                       {TaskStatus::kCanceled, "canceled"},
                                                       {TaskStatus::kSkipped, "skipped"}}};
constexpr std::array<Name<WaitKind>, 5> kWaitNames{{{WaitKind::kRetry, "retry"},
                                                    {WaitKind::kTimer, "timer"},
                                                    {WaitKind::kPoll, "poll"},
                                                    {WaitKind::kApproval, "approval"},
                                                    {WaitKind::kUnknownRemote, "unknown_remote"}}};
constexpr std::array<Name<MemoKind>, 5> kMemoNames{{{MemoKind::kStep, "step"},
                                                    {MemoKind::kSleep, "sleep"},
                                                    {MemoKind::kPoll, "poll"},
                                                    {MemoKind::kReview, "review"},
                                                    {MemoKind::kRemote, "remote"}}};
constexpr std::array<Name<AttemptStatus>, 7> kAttemptNames{
    {{AttemptStatus::kRunning, "running"},
     {AttemptStatus::kWaiting, "waiting"},
     {AttemptStatus::kSucceeded, "succeeded"},
     {AttemptStatus::kFailed, "failed"},
     {AttemptStatus::kTimedOut, "timed_out"},
     {AttemptStatus::kCanceled, "canceled"},
     {AttemptStatus::kLeaseLost, "lease_lost"}}};
constexpr std::array<Name<ResourceStatus>, 5> kResourceNames{
    {{ResourceStatus::kPending, "pending"},
     {ResourceStatus::kSucceeded, "succeeded"},
     {ResourceStatus::kRunning, "running"},
     {ResourceStatus::kFailed, "failed"},
     {ResourceStatus::kUnknown, "unknown"}}};

}  // namespace

bool is_ended(RunStatus status) {
  return status == RunStatus::kSucceeded || status == RunStatus::kFailed ||
         status == RunStatus::kCanceled;
}

bool is_ended(TaskStatus status) {
  return status >= TaskStatus::kSucceeded;
}

std::string_view to_text(RunStatus value) {
  return name_of(kRunNames, value);
}
std::string_view to_text(PauseReason value) {
  return name_of(kPauseNames, value);
}
std::string_view to_text(TaskStatus value) {
  return name_of(kTaskNames, value);
}
std::string_view to_text(WaitKind value) {
  return name_of(kWaitNames, value);
}
std::string_view to_text(MemoKind value) {
  return name_of(kMemoNames, value);
}
std::string_view to_text(AttemptStatus value) {
  return name_of(kAttemptNames, value);
}
std::string_view to_text(ResourceStatus value) {
  return name_of(kResourceNames, value);
}

bool from_text(std::string_view text, RunStatus& value) {
  return find_name(kRunNames, text, value);
}
bool from_text(std::string_view text, PauseReason& value) {
  return find_name(kPauseNames, text, value);
}
bool from_text(std::string_view text, TaskStatus& value) {
  return find_name(kTaskNames, text, value);
}
bool from_text(std::string_view text, WaitKind& value) {
  return find_name(kWaitNames, text, value);
}
bool from_text(std::string_view text, MemoKind& value) {
  return find_name(kMemoNames, text, value);
}
bool from_text(std::string_view text, AttemptStatus& value) {
  return find_name(kAttemptNames, text, value);
}
bool from_text(std::string_view text, ResourceStatus& value) {
  return find_name(kResourceNames, text, value);
}

}  // namespace runledger::core
