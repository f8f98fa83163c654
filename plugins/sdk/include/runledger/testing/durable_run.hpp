// The durable calls of one run of an executor, by the rules of the worker: gives back what is
// recorded, records what is new, knows when the executor has to unwind. One thread.
//
// A new durable call is a function here, made of enter() and finish() or suspend(), a function in
// the table of attempt.hpp, and what becomes of its wait in FakeHost::resolve().
#pragma once

#include <runledger/testing/checks.hpp>
#include <runledger/testing/job_record.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <thread>

namespace runledger::testing::detail {

// What an executor has unwound for.
struct Wait {
  std::string kind;  // sleep, poll, review, remote; found: a poll is over, and its task goes on
  std::string name;
  std::uint64_t delay_ms = 0;
  Asked question = {};
  std::string doubt = {};  // of a job of which nobody knows
};

class DurableRun {
 public:
  explicit DurableRun(TaskRecord& task) : task_(task), known_(task.memos.size()) {
    const auto& job = task.open_job;
    if (job && job->unanswered()) {
      pending_remote_ = PendingRemote{job->provider, job->idempotency_key};
    }
  }

  runledger_status step_begin(const std::string& name, runledger_text* result) {
    return enter({"step", name}, result);
  }
  runledger_status step_end(const std::string& name, const std::string& result) {
    return finish({"step", name}, result);
  }
  runledger_status sleep(const std::string& name, std::uint64_t delay_ms) {
    const auto status = enter({"sleep", name}, nullptr);
    if (status != RUNLEDGER_NOT_DONE) return status;
    return suspend({"sleep", name, std::min(delay_ms, kDelayMsMax)});
  }
  runledger_status poll_begin(const std::string& name, runledger_text* result) {
    return enter({"poll", name}, result);
  }
  // A look has no slot of its own: what it finds ends the run, and the next one goes on.
  runledger_status poll_found(const std::string& name, const std::string& result) {
    const bool waited = is_pending({"poll", name});
    const auto status = finish({"poll", name}, result);
    if (status != RUNLEDGER_OK || !waited) return status;
    return suspend({"found", name});
  }
  struct Poll {
    std::string name;
    std::uint64_t every_ms = 0;
    std::uint64_t timeout_ms = 0;
    double factor = 1;
    std::uint64_t every_max_ms = 0;
  };
  runledger_status poll_wait(const Poll& poll) {
    const Call call{"poll", poll.name};
    if (suspended_) return RUNLEDGER_SUSPENDED;
    if (open_ != call) return not_begun(call);
    const auto waited_ms = is_pending(call) ? task_.pending_poll->waited_ms : 0;
    const std::uint64_t timeout_ms = std::min(poll.timeout_ms, kDelayMsMax);
    if (timeout_ms != 0 && waited_ms >= timeout_ms) {
      return refuse(RUNLEDGER_TIMED_OUT, "Nothing was found for " + text_of(call) + " within " +
                                             std::to_string(timeout_ms) + " ms");
    }
    return suspend({"poll", poll.name, delay_of(poll, timeout_ms, waited_ms)});
  }
  runledger_status review(Asked question, runledger_text* verdict) {
    const Call call{"review", question.name};
    const auto status = enter(call, verdict);
    if (status != RUNLEDGER_NOT_DONE) return status;
    open_.reset();
    return suspend({"review", call.name, 0, std::move(question)});
  }

  struct Remote {
    std::string provider;
    std::string resource_name;        // what the job is to become; empty: nothing
    std::string resource_media_type;  // empty: the same
  };
  runledger_status remote_begin(const Remote& call, runledger_remote_job& job);
  runledger_status remote_not_found(runledger_remote_job& job);
  runledger_status remote_submitted(const std::string& execute_id, bool found,
                                    runledger_remote_job& job);
  runledger_status remote_failed();
  runledger_status remote_unknown(std::string message);

  bool suspended() const { return suspended_; }
  bool crashed() const { return crashed_; }
  const std::optional<Wait>& wait() const { return wait_; }

  // What the durable calls decide the run to have come to, if they do. A wait is wait().
  std::optional<Outcome> outcome(runledger_status returned) const {
    if (failure_) return failure_;
    if (wait_ && returned == RUNLEDGER_SUSPENDED) return Outcome::waits_for(text_of(*wait_));
    if (wait_) {
      return Outcome::failed_with("wait_swallowed",
                                  "The executor was to unwind, because it waits, and went on "
                                  "instead: let what the durable calls throw pass",
                                  false);
    }
    if (returned == RUNLEDGER_SUSPENDED) {
      return Outcome::failed_with("executor_error",
                                  "The executor unwound although it waits for nothing", false);
    }
    const auto call = returned == RUNLEDGER_OK ? left_out() : std::nullopt;
    if (!call) return std::nullopt;
    const std::string times =
        std::to_string(finished_) + (finished_ == 1 ? " durable call" : " durable calls");
    return not_deterministic(*call, "has ended after " + times);
  }

 private:
  struct Call {
    std::string kind;
    std::string name;
    bool operator==(const Call&) const = default;
  };
  template <typename Named>
  static std::string text_of(const Named& call) {
    return call.kind + " '" + call.name + "'";
  }

  // The time between looks grows with the time that has passed.
  static std::uint64_t delay_of(const Poll& poll, std::uint64_t timeout_ms, std::uint64_t waited) {
    const double factor = std::isfinite(poll.factor) ? std::max(poll.factor, 1.0) : 1.0;
    double delay = static_cast<double>(poll.every_ms) + static_cast<double>(waited) * (factor - 1);
    if (poll.every_max_ms != 0) delay = std::min(delay, static_cast<double>(poll.every_max_ms));
    if (timeout_ms != 0) delay = std::min(delay, static_cast<double>(timeout_ms - waited));
    return static_cast<std::uint64_t>(std::clamp(delay, 1.0, static_cast<double>(kDelayMsMax)));
  }

  bool is_pending(const Call& call) const {
    return finished_ == known_ && task_.pending_poll &&
           call == Call{"poll", task_.pending_poll->name};
  }
  // What was begun before this run of the executor, and has to come next.
  std::optional<Call> pending() const {
    if (finished_ != known_) return std::nullopt;
    if (task_.pending_poll) return Call{"poll", task_.pending_poll->name};
    if (pending_remote_) return Call{"remote", pending_remote_->provider};
    return std::nullopt;
  }

  Outcome not_deterministic(const std::string& recorded, const std::string& now) const {
    return Outcome::failed_with(
        "executor_not_deterministic",
        "Durable call " + std::to_string(finished_ + 1) + " was " + recorded +
            " before, and now the executor " + now +
            ". Called again, it has to make the same calls in the same order",
        false);
  }
  runledger_status differs(const std::string& recorded, const Call& asked) {
    failure_ = not_deterministic(recorded, "asks for " + text_of(asked));
    return refuse(RUNLEDGER_FAILED, failure_->failure_message());
  }

  // RUNLEDGER_OK with the recorded result, RUNLEDGER_NOT_DONE, or why not.
  runledger_status enter(const Call& call, runledger_text* result) {
    if (std::this_thread::get_id() != thread_) {
      return refuse(RUNLEDGER_INVALID, "Only the thread that runs execute can make durable calls");
    }
    if (suspended_) return RUNLEDGER_SUSPENDED;
    if (failure_) return refuse(RUNLEDGER_FAILED, failure_->failure_message());
    if (open_ && *open_ != call) {
      return refuse(RUNLEDGER_INVALID,
                    "Expected " + text_of(*open_) + " to be finished before " + text_of(call) +
                        ": there is no durable call inside another one, nor after one that "
                        "failed");
    }
    if (finished_ < known_) {
      const MemoText& memo = task_.memos[finished_];
      const Call recorded{memo.kind, memo.name};
      if (recorded != call) return differs(text_of(recorded), call);
      ++finished_;
      if (result != nullptr) *result = detail::text_of(memo.result);
      return RUNLEDGER_OK;
    }
    if (const auto due = pending(); due && *due != call) return differs(text_of(*due), call);
    open_ = call;
    return RUNLEDGER_NOT_DONE;
  }

  runledger_status not_begun(const Call& call) const {
    return refuse(RUNLEDGER_INVALID, "Expected " + text_of(call) + " to have been begun");
  }

  runledger_status finish(const Call& call, const std::string& result) {
    if (suspended_) return RUNLEDGER_SUSPENDED;
    if (open_ != call) return not_begun(call);
    const auto status =
        check_json("the result", detail::text_of(result), kStepBytesMax, Json::kAny);
    if (status != RUNLEDGER_OK) return status;
    if (dies(Crash::kBeforeItIsRecorded)) return die();
    if (task_.cut_off || !has_room(call.name.size() + result.size())) return RUNLEDGER_STOPPED;
    task_.memos.push_back({call.kind, call.name, result});
    if (call.kind == "poll") task_.pending_poll.reset();
    if (dies(Crash::kAfterItIsRecorded)) return die();
    open_.reset();
    ++finished_;
    return RUNLEDGER_OK;
  }

  bool has_room(std::size_t bytes) {
    for (const MemoText& memo : task_.memos) bytes += memo.name.size() + memo.result.size();
    if (task_.memos.size() >= kMemosMax) {
      failure_ = Outcome::failed_with(
          "too_many_steps", "A task has at most " + std::to_string(kMemosMax) + " finished steps",
          false);
    } else if (bytes > kMemosBytesMax) {
      failure_ = Outcome::failed_with("steps_too_large",
                                      "The results of a task's steps have at most " +
                                          std::to_string(kMemosBytesMax) + " bytes together",
                                      false);
    }
    return !failure_;
  }

  runledger_status suspend(Wait wait) {
    if (wait.kind != "found" && dies(Crash::kBeforeItIsRecorded)) return die();
    wait_ = std::move(wait);
    suspended_ = true;
    return refuse(RUNLEDGER_SUSPENDED, "The executor waits: it has to return");
  }

  bool dies(Crash side) const {
    return task_.crash && task_.crash->side == side && task_.crash->call == finished_ + 1;
  }
  runledger_status die() {
    task_.crash.reset();
    crashed_ = true;
    suspended_ = true;
    return refuse(RUNLEDGER_SUSPENDED, "The process of the executor has died");
  }

  std::optional<std::string> left_out() const {
    if (finished_ < known_) return text_of(task_.memos[finished_]);
    const auto due = pending();
    return due ? std::optional(text_of(*due)) : std::nullopt;
  }

  bool may_intend();
  runledger_status intend(runledger_remote_job& job);
  runledger_status job_not_begun() const;
  runledger_text kept(std::string text);

  TaskRecord& task_;
  const std::size_t known_;  // recorded before this run
  const std::thread::id thread_ = std::this_thread::get_id();
  std::size_t finished_ = 0;
  std::optional<Call> open_;
  // Of remote calls: the open one and its key, empty before it may be handed over; one from before
  // of which nobody knows.
  Remote remote_;
  std::string remote_key_;
  struct PendingRemote {
    std::string provider;
    std::string key;
  };
  std::optional<PendingRemote> pending_remote_;
  std::deque<std::string> texts_;  // that the executor was given
  std::optional<Wait> wait_;
  std::optional<Outcome> failure_;
  std::atomic<bool> suspended_ = false;
  bool crashed_ = false;
};

}  // namespace runledger::testing::detail

#include <runledger/testing/durable_remote.hpp>
