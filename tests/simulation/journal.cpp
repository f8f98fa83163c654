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
  constexpr std::array kKinds{MemoKind::kStep, MemoKind::kStep,   MemoKind::kSleep,
                              MemoKind::kPoll, MemoKind::kReview, MemoKind::kRemote};
  const MemoKind kind = dice.pick(kKinds);
  if (kind == MemoKind::kRemote) return {kind, "coze"};
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
        } else if constexpr (std::is_same_v<T, RemoteIntended>) {
          intend(body);
        } else if constexpr (std::is_same_v<T, RemoteSubmitted>) {
          submit(event, body.task_id, body.provider, body.idempotency_key, body.execute_id,
                 body.resource_id);
        } else if constexpr (std::is_same_v<T, RemoteFailed>) {
          answer(body.task_id, body.idempotency_key);
        } else if constexpr (std::is_same_v<T, RemoteUnknown>) {
          require(tasks_[body.task_id].intended.has_value(), "what was not intended is unknown");
          tasks_[body.task_id].doubted = true;
        } else if constexpr (std::is_same_v<T, RemoteResolved>) {
          require(tasks_[body.task_id].doubted, "what was not unknown is resolved");
          if (body.outcome == RemoteOutcome::kSubmitted) {
            submit(event, body.task_id, body.provider, body.idempotency_key, body.execute_id,
                   body.resource_id);
          } else {
            answer(body.task_id, body.idempotency_key);
          }
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

// Handed over again only by who knows that it was not handed over.
void Journal::intend(const RemoteIntended& intended) {
  Recorded& task = tasks_[intended.task_id];
  require(!submitted_.contains(intended.idempotency_key),
          "a job that a provider has is handed over again: " + intended.idempotency_key);
  require(!task.doubted, "an unknown job is handed over again: " + intended.idempotency_key);
  require(!task.intended || (intended.after == "not_found" &&
                             task.intended->idempotency_key == intended.idempotency_key),
          "a job is handed over again though nobody has looked: " + intended.idempotency_key);
  task.intended = intended;
}

void Journal::answer(const std::string& task_id, const std::string& key) {
  Recorded& task = tasks_[task_id];
  require(task.intended && task.intended->idempotency_key == key,
          "it is known what became of a job that was not intended: " + key);
  task.intended.reset();
  task.doubted = false;
}

void Journal::submit(const Event& event, const std::string& task_id, const std::string& provider,
                     const std::string& key, const std::string& execute_id,
                     const std::string& resource_id) {
  answer(task_id, key);
  require(submitted_.insert(key).second, "a job was submitted twice: " + key);
  record(task_id, {MemoKind::kRemote,
                   provider,
                   {R"({"execute_id":")" + execute_id + R"(","idempotency_key":")" + key +
                    R"(","resource_id":")" + resource_id + "\"}"},
                   event.idx});
}

void Journal::begin_anew(const std::string& run_id) {
  for (const std::string& task_id : of_run_[run_id]) tasks_[task_id].may_begin_anew = true;
}

void Journal::check(const LeasesGranted::Grant& grant) {
  Recorded& task = tasks_[grant.task_id];
  const bool is_new = grant.memos.empty() && grant.poll.empty() && !grant.remote;
  if (task.may_begin_anew && is_new) task = {};
  task.may_begin_anew = false;
  require(grant.memos == task.memos, "a worker got other steps of " + grant.task_id + " than " +
                                         std::to_string(task.memos.size()) + " recorded");
  require(grant.poll == task.poll, "a worker got another poll of " + grant.task_id);
  require(!task.doubted && grant.remote.has_value() == task.intended.has_value() &&
              (!grant.remote || grant.remote->idempotency_key == task.intended->idempotency_key),
          "a worker got another remote job of " + grant.task_id);
}

}  // namespace runledger::simulation
