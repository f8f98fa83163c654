// The parts of decide(), by who asks. For the .cpp files of this folder.
#pragma once

#include "core/domain/decide.h"

namespace runledger::core {

// The run, if it is there for the caller.
std::variant<const RunState*, Rejection> visible_run(const State& state, const Command& command,
                                                     const std::string& run_id);
Rejection moved_on(const RunState& run, const std::string& expected, const Decided* winner);
// Seen, not ended, and at the version that the caller expects.
std::variant<const RunState*, Rejection> open_run(const State& state, const Command& command,
                                                  const std::string& run_id,
                                                  const std::optional<std::uint64_t>& expected);
DecisionResult accepted(const RunState& run, RunStatus status, EventBody body);

// --- new runs ---
struct Submission {
  const SubmitRun& run;
  const std::string& tenant;
  const std::string& owner;
  std::string retry_of;  // the run that it repeats
};
DecisionResult decide_submission(const State& state, const Command& command, const Submission& of);
DecisionResult decide_submissions(const State& state, const Command& command,
                                  const SubmitRuns& batch);
// The new run that repeats one that has ended; whoever asks may do so.
DecisionResult repeat_run(const State& state, const Command& command, const RunState& run,
                          const RetryRun& retry);

// --- people ---
DecisionResult decide_person(const State& state, const Command& command, const CancelRun& cancel);
DecisionResult decide_person(const State& state, const Command& command, const PauseRun& pause);
DecisionResult decide_person(const State& state, const Command& command, const ResumeRun& resume);
DecisionResult decide_person(const State& state, const Command& command, const RetryRun& retry);
DecisionResult decide_person(const State& state, const Command& command,
                             const AnswerApproval& answer);
DecisionResult decide_person(const State& state, const Command& command,
                             const AnswerReview& answer);
DecisionResult decide_person(const State& state, const Command& command,
                             const ResolveRemote& resolve);

// --- workers, about a task that they hold a lease of ---
DecisionResult decide_report(const State& state, const Command& command, const LoseLease& lost);
DecisionResult decide_report(const State& state, const Command& command, const RecordProgress& it);
DecisionResult decide_report(const State& state, const Command& command, const RecordEmitted& it);
DecisionResult decide_report(const State& state, const Command& command, const RecordLog& it);
DecisionResult decide_report(const State& state, const Command& command, const StoreResource& it);
DecisionResult decide_report(const State& state, const Command& command, const CompleteStep& it);
DecisionResult decide_report(const State& state, const Command& command, const Sleep& it);
DecisionResult decide_report(const State& state, const Command& command, const WaitForPoll& it);
DecisionResult decide_report(const State& state, const Command& command, const RequestReview& it);
DecisionResult decide_report(const State& state, const Command& command, const IntendRemote& it);
DecisionResult decide_report(const State& state, const Command& command, const ConfirmRemote& it);
DecisionResult decide_report(const State& state, const Command& command, const RefuteRemote& it);
DecisionResult decide_report(const State& state, const Command& command, const DoubtRemote& it);
DecisionResult decide_report(const State& state, const Command& command, const CompleteTask& it);
DecisionResult decide_report(const State& state, const Command& command, const FailTask& it);
DecisionResult decide_report(const State& state, const Command& command, const MissHeartbeat& it);
DecisionResult decide_report(const State& state, const Command& command,
                             const AcknowledgeCancel& it);
DecisionResult decide_report(const State& state, const Command& command, const ReturnLease& it);

// --- definitions ---
DecisionResult decide_definition(const State& state, const Command& command,
                                 const DefineWorkflow& define);
DecisionResult decide_definition(const State& state, const Command& command,
                                 const ArchiveWorkflow& archive);
DecisionResult decide_definition(const State& state, const Command& command,
                                 const DefineSchedule& define);
DecisionResult decide_definition(const State& state, const Command& command,
                                 const DeleteSchedule& remove);

}  // namespace runledger::core
