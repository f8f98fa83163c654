// The part of decide() about what people decide: compare-and-set on the version and the content
// that they saw; who comes too late is told who won.
#include <algorithm>

#include "core/domain/decide_parts.h"
#include "core/domain/resume.h"

namespace runledger::core {
namespace {

Winner winner_of(const RunState& run, const Decided& decided) {
  return {decided.by, decided.decision, decided.time_us, decided.offset, run.run_id};
}

// On the run or on one of its tasks; nullptr: nobody has decided anything yet.
const Decided* latest_decision(const RunState& run) {
  const Decided* latest = run.decided ? &*run.decided : nullptr;
  for (const TaskState& task : run.tasks) {
    if (!task.decided || (latest != nullptr && task.decided->offset < latest->offset)) continue;
    latest = &*task.decided;
  }
  return latest;
}

// What brought a run that has ended to its end: somebody's decision at that moment, or nobody's.
Winner end_of(const RunState& run, const Decided* latest) {
  const bool canceled_it = latest != nullptr && run.status == RunStatus::kCanceled &&
                           latest->decision == RunCancelRequested::kType;
  const bool by_somebody = latest != nullptr && (latest->time_us == run.ended_us || canceled_it);
  if (by_somebody) return winner_of(run, *latest);
  return {std::string(kSystemActor), "run." + std::string(to_text(run.status)), run.ended_us,
          run.last_offset, run.run_id};
}

// Who has changed what the caller expected: a decision after the version that they saw, if there is
// one; otherwise it has changed by itself.
Rejection overtaken(const RunState& run, const std::string& expected,
                    const std::optional<std::uint64_t>& seen_version) {
  const Decided* latest = latest_decision(run);
  Rejection rejection = moved_on(run, expected, nullptr);
  if (seen_version && latest != nullptr && latest->version > *seen_version) {
    rejection.winner = winner_of(run, *latest);
  } else if (run.ended()) {
    rejection.winner = end_of(run, latest);
  } else if (!seen_version && latest != nullptr) {
    rejection.winner = winner_of(run, *latest);
  }
  return rejection;
}

std::optional<Rejection> version_differs(const RunState& run,
                                         const std::optional<std::uint64_t>& expected) {
  if (!expected || *expected == run.version) return std::nullopt;
  return overtaken(run,
                   "at version " + std::to_string(*expected) + ", but it is at version " +
                       std::to_string(run.version) + "; read it again and decide anew",
                   expected);
}

// What only its owner or an operator may do.
std::optional<Rejection> may_not_steer(const State& state, const Command& command,
                                       const std::string& run_id) {
  const RunState* run = state.find_run(run_id);
  const bool foreign = run != nullptr && sees(command.by, run->tenant, run->owner) &&
                       !manages(command.by, run->tenant, run->owner);
  if (!foreign) return std::nullopt;
  return Rejection{RejectionCode::kForbidden,
                   "Run " + run_id + " is another user's; its owner or an operator may do this",
                   {}};
}

// open_run() for that.
std::variant<const RunState*, Rejection> own_run(const State& state, const Command& command,
                                                 const std::string& run_id,
                                                 const std::optional<std::uint64_t>& expected) {
  if (auto refused = may_not_steer(state, command, run_id)) return *refused;
  return open_run(state, command, run_id, expected);
}

Rejection used_up(const RunState& run, const TaskState& task) {
  return {RejectionCode::kInvalid,
          "Task " + task.task_id + " of run " + run.run_id + " has been begun " +
              std::to_string(kAttemptsMax) +
              " times, which is the most; cancel the run and retry it",
          {}};
}

std::string instead_of_paused(const RunState& run) {
  if (run.pause_reason() == PauseReason::kApproval) {
    return " by hand or by a failure, but it waits for an approval, which is a decision of its own";
  }
  if (run.pause_reason() == PauseReason::kUnknownRemote) {
    return " by hand or by a failure, but nobody knows what became of a remote job; to resolve it "
           "is a decision of its own";
  }
  return ", but it is " + std::string(to_text(run.status));
}

bool may_answer(const Principal& who, const Question& question) {
  if (who.is_admin()) return true;
  return std::any_of(question.roles.begin(), question.roles.end(), [&](const std::string& name) {
    const auto role = role_from_text(name);
    return role && who.roles.has(*role);
  });
}

Rejection forbidden(const Question& question) {
  std::string roles;
  for (const std::string& role : question.roles) roles += (roles.empty() ? "" : ", ") + role;
  return {RejectionCode::kForbidden, "Expected a token with one of the roles: " + roles, {}};
}

// The task and its question, if this person may answer it and has seen what it asks.
struct Asked {
  const RunState* run = nullptr;
  const TaskState* task = nullptr;
};
// Who decided on the question that the caller saw, although the run has moved on since.
std::optional<Winner> who_answered(const State& state, const Command& command,
                                   const std::string& run_id, const std::string& task_id) {
  const auto visible = visible_run(state, command, run_id);
  const auto* run = std::get_if<const RunState*>(&visible);
  const TaskState* task = run == nullptr ? nullptr : (*run)->find_task(task_id);
  if (task == nullptr || !task->decided) return std::nullopt;
  return winner_of(**run, *task->decided);
}

template <typename Answer>
std::variant<Asked, Rejection> asked(const State& state, const Command& command,
                                     const Answer& answer, TaskStatus status,
                                     const char* what_for) {
  auto found = open_run(state, command, answer.run_id, answer.expected_version);
  if (auto* rejection = std::get_if<Rejection>(&found)) {
    const bool late = rejection->code == RejectionCode::kConflict && !answer.expected_version;
    const auto winner =
        late ? who_answered(state, command, answer.run_id, answer.task_id) : std::nullopt;
    if (winner) rejection->winner = winner;
    return *rejection;
  }
  const RunState& run = *std::get<const RunState*>(found);
  const TaskState* task = run.find_task(answer.task_id);
  if (task == nullptr) {
    return Rejection{RejectionCode::kNotFound, "There is no task " + answer.task_id, {}};
  }
  if (run.cancel_requested || !task->question || task->status != status) {
    return moved_on(run,
                    "to wait for " + std::string(what_for) + " of task " + task->task_id +
                        ", but the task is " + std::string(to_text(task->status)),
                    run.cancel_requested && run.decided ? &*run.decided
                    : task->decided                     ? &*task->decided
                                                        : nullptr);
  }
  if (!may_answer(command.by, *task->question)) return forbidden(*task->question);
  if (answer.content_sha256 != task->question->content_sha256) {
    return moved_on(run,
                    "task " + task->task_id + " with content " + answer.content_sha256 +
                        ", but it is " + task->question->content_sha256 +
                        "; look at it again and decide anew",
                    task->decided ? &*task->decided : nullptr);
  }
  return Asked{&run, task};
}

// A decision that the caller may not have seen: nobody has won over one who saw the run as it is.
const Decided* unseen(const RunState& run, const std::optional<std::uint64_t>& expected) {
  return run.decided && !expected ? &*run.decided : nullptr;
}

// A pause by a failure is over; the step and all that need it begin anew in the same run.
DecisionResult retry_in_place(const RunState& run, const RetryRun& retry) {
  if (retry.input || !retry.idempotency_key.empty()) {
    return Rejection{RejectionCode::kInvalid,
                     "Expected neither an input nor an Idempotency-Key: run " + run.run_id +
                         " has not ended, and goes on with what it has",
                     {}};
  }
  const std::set<std::string> steps = steps_from(run.plan->spec, retry.from_step);
  if (const TaskState* task = unanswered_task(run, steps)) {
    return moved_on(run,
                    "to know what became of the remote job of task " + task->task_id +
                        " before it is begun anew; resolve it once it is unknown",
                    nullptr);
  }
  const bool works = std::any_of(run.tasks.begin(), run.tasks.end(), [](const TaskState& task) {
    return task.held_by_worker() || (task.status == TaskStatus::kRunning && !task.is_group);
  });
  if (run.cancel_requested || !run.pause || works) {
    return moved_on(run, "to be paused and none of its tasks at work before it is retried",
                    unseen(run, retry.expected_version));
  }
  if (const TaskState* task = used_up_task(run, steps)) return used_up(run, *task);
  if (const TaskState* other = failed_beside(run, steps)) {
    return Rejection{RejectionCode::kInvalid,
                     "Run " + run.run_id + " would pause again at once, since step '" +
                         other->step + "' has failed too; resume it, or retry from there",
                     {}};
  }
  return accepted(run, RunStatus::kRunning, RunRetried{retry.from_step});
}

}  // namespace

std::variant<const RunState*, Rejection> visible_run(const State& state, const Command& command,
                                                     const std::string& run_id) {
  const RunState* run = state.find_run(run_id);
  if (run == nullptr || !sees(command.by, run->tenant, run->owner)) {
    return Rejection{RejectionCode::kNotFound, "There is no run " + run_id, {}};
  }
  return run;
}

Rejection moved_on(const RunState& run, const std::string& expected, const Decided* winner) {
  Rejection rejection{RejectionCode::kConflict, "Expected run " + run.run_id + " " + expected, {}};
  if (winner != nullptr) rejection.winner = winner_of(run, *winner);
  return rejection;
}

std::variant<const RunState*, Rejection> open_run(const State& state, const Command& command,
                                                  const std::string& run_id,
                                                  const std::optional<std::uint64_t>& expected) {
  auto found = visible_run(state, command, run_id);
  if (std::holds_alternative<Rejection>(found)) return found;
  const RunState& run = *std::get<const RunState*>(found);
  if (run.ended()) {
    return overtaken(run, "to be under way, but it is already " + std::string(to_text(run.status)),
                     expected);
  }
  if (auto differs = version_differs(run, expected)) return *differs;
  return &run;
}

DecisionResult accepted(const RunState& run, RunStatus status, EventBody body) {
  Decision decision;
  decision.reply = RunAccepted{run.run_id, status, 0, false};
  decision.facts.push_back(fact_of(run, std::move(body)));
  return decision;
}

DecisionResult decide_person(const State& state, const Command& command, const CancelRun& cancel) {
  auto found = own_run(state, command, cancel.run_id, cancel.expected_version);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const RunState& run = *std::get<const RunState*>(found);
  if (!run.cancel_requested) {
    return accepted(run, RunStatus::kCanceling, RunCancelRequested{});
  }
  Decision decision;
  decision.reply = RunAccepted{run.run_id, run.status, run.last_offset, true};
  return decision;
}

DecisionResult decide_person(const State& state, const Command& command, const PauseRun& pause) {
  auto found = own_run(state, command, pause.run_id, pause.expected_version);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const RunState& run = *std::get<const RunState*>(found);
  if (run.cancel_requested || run.pause || !run.admitted) {
    return moved_on(run, "to be under way, but it is " + std::string(to_text(run.status)),
                    unseen(run, pause.expected_version));
  }
  return accepted(run, RunStatus::kPaused, RunPaused{PauseReason::kManual, ""});
}

DecisionResult decide_person(const State& state, const Command& command, const ResumeRun& resume) {
  auto found = own_run(state, command, resume.run_id, resume.expected_version);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const RunState& run = *std::get<const RunState*>(found);
  if (run.cancel_requested || !run.pause) {
    return moved_on(run, "to be paused" + instead_of_paused(run),
                    unseen(run, resume.expected_version));
  }
  if (run.pause->reason == PauseReason::kParent) {
    return moved_on(run,
                    "to be paused itself, but it is held by run " + run.parent->run_id +
                        " above it; resume that one",
                    nullptr);
  }
  if (const TaskState* task = used_up_task(run)) return used_up(run, *task);
  return accepted(run, RunStatus::kRunning, RunResumed{tasks_to_resume(run)});
}

DecisionResult decide_person(const State& state, const Command& command, const RetryRun& retry) {
  if (auto refused = may_not_steer(state, command, retry.run_id)) return *refused;
  auto found = visible_run(state, command, retry.run_id);
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const RunState& run = *std::get<const RunState*>(found);
  if (auto differs = version_differs(run, retry.expected_version)) return *differs;
  const bool known = run.plan->spec.find(retry.from_step) != nullptr;
  if (!known && !(run.ended() && retry.from_step.empty())) {
    return Rejection{RejectionCode::kInvalid,
                     "Run " + run.run_id + " has no step '" + retry.from_step + "'",
                     {}};
  }
  if (run.ended()) return repeat_run(state, command, run, retry);
  return retry_in_place(run, retry);
}

DecisionResult decide_person(const State& state, const Command& command,
                             const AnswerApproval& answer) {
  auto found = asked(state, command, answer, TaskStatus::kWaiting, "the approval");
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const auto& [run, task] = std::get<Asked>(found);
  if (answer.approved) {
    return accepted(*run, run->status,
                    TaskApproved{task->task_id, answer.content_sha256, answer.comment});
  }
  return accepted(*run, run->status,
                  TaskRejected{task->task_id, answer.content_sha256, answer.comment});
}

DecisionResult decide_person(const State& state, const Command& command,
                             const AnswerReview& answer) {
  auto found = asked(state, command, answer, TaskStatus::kReviewing, "a review");
  if (auto* rejection = std::get_if<Rejection>(&found)) return *rejection;
  const auto& [run, task] = std::get<Asked>(found);
  const Question& question = *task->question;
  DecisionResult result =
      accepted(*run, run->status,
               TaskReviewed{task->task_id, question.name, question.round, answer.approved,
                            answer.content_sha256, answer.corrected, answer.feedback});
  const ReviewPolicy& policy = run->step_of(*task).review;
  const bool last_round = policy.on_reject == OnReject::kEnd || question.round >= policy.rounds_max;
  if (!answer.approved && last_round) {
    const std::string feedback = answer.feedback.empty() ? "" : ": " + answer.feedback;
    std::get<Decision>(result).facts.push_back(
        fact_of(*run, TaskFailed{task->task_id,
                                 static_cast<std::uint32_t>(task->attempts.size()),
                                 {"review_rejected",
                                  "The review of round " + std::to_string(question.round) +
                                      " rejected it" + feedback,
                                  false}}));
  }
  return result;
}

}  // namespace runledger::core
