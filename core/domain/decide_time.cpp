// The part of decide() about time: what was due.
#include <algorithm>
#include <stdexcept>

#include "core/domain/deadlines.h"
#include "core/domain/decide.h"
#include "core/domain/retry.h"
#include "core/domain/task_end.h"
#include "core/domain/waits.h"

namespace runledger::core {
namespace {

class TimePassed {
 public:
  TimePassed(const RunState& run, const Command& command) : run_(run), command_(command) {}

  std::vector<NewFact> facts() {
    if (is_due(deadline_of(run_))) {
      end_run();
      return std::move(facts_);
    }
    for (const TaskState& task : run_.tasks) {
      if (!is_ended(task.status)) look_at(task);
    }
    if (facts_.empty() && is_due(run_.overdue_us)) speak();
    return std::move(facts_);
  }

 private:
  bool is_due(std::int64_t at_us) const { return at_us != 0 && at_us <= command_.time_us; }
  void add(EventBody body) { facts_.push_back(fact_of(run_, std::move(body))); }

  // The first that has passed; the end of the whole before anything else.
  void look_at(const TaskState& task) {
    const Deadlines deadlines = deadlines_of(run_, task);
    const auto* earliest =
        std::min_element(deadlines.begin(), deadlines.end(),
                         [](const Deadline& a, const Deadline& b) { return a.at_us < b.at_us; });
    if (earliest != deadlines.end() && is_due(earliest->at_us)) pass(task, *earliest);
  }

  void pass(const TaskState& task, const Deadline& deadline) {
    const auto attempt = static_cast<std::uint32_t>(task.attempts.size());
    switch (deadline.kind) {
      case DeadlineKind::kGoesOn:
        return add(TaskReady{task.task_id, {}});
      case DeadlineKind::kAttempt:
        return end_attempt(task, attempt, text(deadline, "The attempt took too long"));
      case DeadlineKind::kPoll:
        return end(task, deadline, "poll_timed_out", "Nothing was found in time");
      case DeadlineKind::kQueue:
        return end(task, deadline, "queue_timed_out", "No worker took the task in time");
      case DeadlineKind::kTotal:
        return end(task, deadline, "timed_out", "The step took too long");
      case DeadlineKind::kApproval:
        return end(task, deadline, "approval_timed_out", "Nobody approved it in time");
      case DeadlineKind::kReview:
        return end(task, deadline, "review_timed_out", "Nobody reviewed it in time");
    }
  }

  void end_attempt(const TaskState& task, std::uint32_t attempt, std::string message) {
    const Error error{"attempt_timed_out", std::move(message), true};
    EventBody end = retry_or_end(run_, task, {attempt, error, "attempt", 0}, command_);
    for (NewFact& fact : end_or_doubt(run_, task, std::move(end))) {
      facts_.push_back(std::move(fact));
    }
  }

  static std::string text(const Deadline& deadline, std::string what) {
    return std::move(what) + " (time-out: " + std::string(to_text(deadline.kind)) + ")";
  }

  void end(const TaskState& task, const Deadline& deadline, std::string code, std::string what) {
    add(TaskTimedOut{task.task_id,
                     static_cast<std::uint32_t>(task.attempts.size()),
                     std::string(to_text(deadline.kind)),
                     {std::move(code), std::move(what), false}});
  }

  void end_run() {
    const Error error{"run_timed_out", "The run took too long", false};
    for (const TaskState& task : run_.tasks) {
      if (is_ended(task.status)) continue;
      add(TaskTimedOut{task.task_id, static_cast<std::uint32_t>(task.attempts.size()), "total",
                       error});
    }
    add(RunFailed{error});
  }

  void speak() {
    const auto waits = waits_of(run_);
    const auto endless = std::find_if(waits.begin(), waits.end(), [](const WaitReason& wait) {
      return !wait.has_deadline && wait.kind != WaitReasonKind::kSubWorkflow;
    });
    if (endless == waits.end()) throw std::logic_error("run " + run_.run_id + " is not overdue");
    add(RunOverdue{std::string(to_text(endless->kind)), endless->task_id, endless->since_us});
  }

  const RunState& run_;
  const Command& command_;
  std::vector<NewFact> facts_;
};

}  // namespace

std::vector<NewFact> pass_time(const RunState& run, const Command& command) {
  return TimePassed(run, command).facts();
}

}  // namespace runledger::core
