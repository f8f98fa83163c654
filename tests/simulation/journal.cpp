#include "tests/simulation/journal.h"

#include <utility>

#include "tests/simulation/dice.h"
#include "tests/simulation/violation.h"

namespace runledger::simulation {

using namespace runledger::core;

namespace {

template <typename T, typename... Each>
constexpr bool is_one_of = (std::is_same_v<T, Each> || ...);

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  for (const char c : text) number = number * 131 + static_cast<unsigned char>(c);
  return number;
}

}  // namespace

DurableCall durable_call(const std::string& task_id, std::size_t ordinal) {
  Dice dice(number_of(task_id) + ordinal);
  constexpr std::array kKinds{MemoKind::kStep, MemoKind::kStep, MemoKind::kSleep, MemoKind::kPoll,
                              MemoKind::kReview};
  const MemoKind kind = dice.pick(kKinds);
  return {kind, std::string(to_text(kind)) + "-" + std::to_string(dice.below(3))};
}

void Journal::see(const Event& event) {
  std::visit(
      [&]<typename T>(const T& body) {
        if constexpr (is_one_of<T, RunResumed, RunRetried>) {
          begin_anew(event.stream);
        } else if constexpr (std::is_same_v<T, TaskLeased>) {
          of_run_[event.stream].insert(body.task_id);
        } else if constexpr (std::is_same_v<T, TaskStepCompleted>) {
          record(body.task_id, {body.kind, body.name, body.result, event.idx});
        } else if constexpr (std::is_same_v<T, TaskWaiting>) {
          Recorded& task = tasks_[body.task_id];
          (body.kind == WaitKind::kTimer ? task.sleep : task.poll) = body.name;
        } else if constexpr (std::is_same_v<T, TaskReady>) {
          const std::string slept = std::exchange(tasks_[body.task_id].sleep, {});
          if (!slept.empty()) record(body.task_id, {MemoKind::kSleep, slept, {"null"}, event.idx});
        } else if constexpr (std::is_same_v<T, TaskReviewRequested>) {
          tasks_[body.task_id].body = body.body;
        } else if constexpr (std::is_same_v<T, TaskReviewed>) {
          const JsonText& shown = tasks_[body.task_id].body;
          record(body.task_id,
                 {MemoKind::kReview,
                  body.name,
                  {R"({"approved":)" + std::string(body.approved ? "true" : "false") +
                   R"(,"body":)" + body.corrected.value_or(shown).text + R"(,"corrected":)" +
                   (body.corrected ? "true" : "false") + R"(,"feedback":")" + body.feedback +
                   R"(","by":")" + event.actor + "\"}"},
                  event.idx});
        } else if constexpr (std::is_same_v<T, TaskRetryScheduled>) {
          tasks_[body.task_id].sleep.clear();
        } else if constexpr (is_one_of<T, TaskSucceeded, TaskFailed, TaskTimedOut, TaskCanceled>) {
          tasks_[body.task_id] = {};
        }
      },
      event.body);
}

void Journal::record(const std::string& task_id, Memo memo) {
  Recorded& task = tasks_[task_id];
  const DurableCall expected = durable_call(task_id, task.memos.size());
  require(expected == DurableCall{memo.kind, memo.name},
          "call " + std::to_string(task.memos.size()) + " of " + task_id + " was recorded as " +
              memo.name + " instead of " + expected.name);
  if (memo.kind == MemoKind::kPoll) task.poll.clear();
  task.memos.push_back(std::move(memo));
}

void Journal::begin_anew(const std::string& run_id) {
  for (const std::string& task_id : of_run_[run_id]) tasks_[task_id].may_begin_anew = true;
}

void Journal::check(const LeasesGranted::Grant& grant) {
  Recorded& task = tasks_[grant.task_id];
  if (task.may_begin_anew && grant.memos.empty() && grant.poll.empty()) task = {};
  task.may_begin_anew = false;
  require(grant.memos == task.memos, "a worker got other steps of " + grant.task_id + " than " +
                                         std::to_string(task.memos.size()) + " recorded");
  require(grant.poll == task.poll, "a worker got another poll of " + grant.task_id);
}

}  // namespace runledger::simulation
