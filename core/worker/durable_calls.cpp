#include "core/worker/durable_calls.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/protocol/json_text.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

using protocol::JsonKind;

runledger_text as_text(const std::string& text) {
  return {text.data(), text.size()};
}

std::string times(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " durable call" : " durable calls");
}

// The time between looks grows with the time that has passed, so that it does so over crashes too:
// after n looks every * (factor^n - 1) / (factor - 1) has passed, and every * factor^n is next.
std::uint64_t delay_of(const DurableCalls::Poll& poll, std::uint64_t waited_ms) {
  const double factor = std::isfinite(poll.factor) ? std::max(poll.factor, 1.0) : 1.0;
  double delay = static_cast<double>(poll.every_ms) + static_cast<double>(waited_ms) * (factor - 1);
  if (poll.every_max_ms != 0) delay = std::min(delay, static_cast<double>(poll.every_max_ms));
  if (poll.timeout_ms != 0) {
    delay = std::min(delay, static_cast<double>(poll.timeout_ms - waited_ms));
  }
  const auto longest = static_cast<double>(protocol::kDelayMsMax);
  return static_cast<std::uint64_t>(std::clamp(delay, 1.0, longest));
}

}  // namespace

DurableCalls::DurableCalls(const protocol::LeasedTask& task, Record record, Clock::time_point now)
    : task_(task), record_(std::move(record)), began_(now), pending_remote_(task.pending_remote) {}

std::string DurableCalls::text_of(const Call& call) {
  return call.kind + " '" + call.name + "'";
}

bool DurableCalls::is_pending(const Call& call) const {
  return finished_ == task_.memos.size() && task_.pending_poll &&
         call == Call{"poll", task_.pending_poll->name};
}

// What was begun before this run of the executor, and has to come next.
std::optional<DurableCalls::Call> DurableCalls::pending() const {
  if (finished_ != task_.memos.size()) return std::nullopt;
  if (task_.pending_poll) return Call{"poll", task_.pending_poll->name};
  if (pending_remote_) return Call{"remote", pending_remote_->provider};
  return std::nullopt;
}

runledger_status DurableCalls::differs(const std::string& recorded, const std::string& asked) {
  failure_ =
      protocol::FailedReport{"executor_not_deterministic",
                             "Durable call " + std::to_string(finished_ + 1) + " was " + recorded +
                                 " before, and now the executor " + asked +
                                 ". Called again, it has to make the same calls in the same order",
                             false};
  return refuse(RUNLEDGER_FAILED, failure_->message);
}

runledger_status DurableCalls::enter(const Call& call, runledger_text* result) {
  if (std::this_thread::get_id() != thread_) {
    return refuse(RUNLEDGER_INVALID, "Only the thread that runs execute can make durable calls");
  }
  if (suspended_) return RUNLEDGER_SUSPENDED;
  if (failure_) return refuse(RUNLEDGER_FAILED, failure_->message);
  if (open_ && *open_ != call) {
    return refuse(RUNLEDGER_INVALID,
                  "Expected " + text_of(*open_) + " to be finished before " + text_of(call) +
                      ": there is no durable call inside another one, nor after one that failed");
  }
  if (finished_ < task_.memos.size()) {
    const protocol::TaskMemo& memo = task_.memos[finished_];
    const Call recorded{memo.kind, memo.name};
    if (recorded != call) return differs(text_of(recorded), "asks for " + text_of(call));
    ++finished_;
    if (memo.kind == "remote") ++remote_calls_;
    if (result != nullptr) *result = as_text(memo.result);
    return RUNLEDGER_OK;
  }
  if (const auto due = pending(); due && *due != call) {
    return differs(text_of(*due), "asks for " + text_of(call));
  }
  open_ = call;
  return RUNLEDGER_NOT_DONE;
}

runledger_status DurableCalls::finish(const Call& call, protocol::StepReport report) {
  if (suspended_) return RUNLEDGER_SUSPENDED;
  if (open_ != call) {
    return refuse(RUNLEDGER_INVALID, "Expected " + text_of(call) + " to have been begun");
  }
  const auto status =
      check_json("the result", as_text(report.result), kStepBytesMax, JsonKind::kAny);
  if (status != RUNLEDGER_OK) return status;
  if (report.release) return suspend(std::move(report));
  if (!record_(std::move(report))) return RUNLEDGER_STOPPED;
  open_.reset();
  ++finished_;
  return RUNLEDGER_OK;
}

runledger_status DurableCalls::suspend(protocol::ReportBody wait) {
  wait_ = std::move(wait);
  suspended_ = true;
  return refuse(RUNLEDGER_SUSPENDED, "The executor waits: it has to return");
}

runledger_status DurableCalls::step_begin(const std::string& name, runledger_text* result) {
  return enter({"step", name}, result);
}

runledger_status DurableCalls::step_end(const std::string& name, std::string result) {
  return finish({"step", name}, {false, name, std::move(result), false});
}

runledger_status DurableCalls::sleep(const std::string& name, std::uint64_t delay_ms) {
  const auto status = enter({"sleep", name}, nullptr);
  if (status != RUNLEDGER_NOT_DONE) return status;
  return suspend(protocol::SleepReport{name, std::min(delay_ms, protocol::kDelayMsMax)});
}

runledger_status DurableCalls::poll_begin(const std::string& name, runledger_text* result) {
  return enter({"poll", name}, result);
}

// A look under a kept lease has no slot: the lease is given back, and who takes it goes on.
runledger_status DurableCalls::poll_found(const std::string& name, std::string result) {
  const bool release = is_pending({"poll", name}) && task_.pending_poll->lease_kept;
  return finish({"poll", name}, {true, name, std::move(result), release});
}

runledger_status DurableCalls::poll_wait(const Poll& poll, Clock::time_point now) {
  const Call call{"poll", poll.name};
  if (suspended_) return RUNLEDGER_SUSPENDED;
  if (open_ != call) {
    return refuse(RUNLEDGER_INVALID, "Expected " + text_of(call) + " to have been begun");
  }
  std::uint64_t waited_ms = 0;
  if (is_pending(call)) {
    const auto here = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
    waited_ms = task_.pending_poll->waited_ms + static_cast<std::uint64_t>(here.count());
  }
  const std::uint64_t timeout_ms = std::min(poll.timeout_ms, protocol::kDelayMsMax);
  if (timeout_ms != 0 && waited_ms >= timeout_ms) {
    return refuse(RUNLEDGER_TIMED_OUT, "Nothing was found for " + text_of(call) + " within " +
                                           std::to_string(timeout_ms) + " ms");
  }
  return suspend(protocol::PollWaitReport{poll.name, delay_of(poll, waited_ms), timeout_ms, false});
}

runledger_status DurableCalls::review(protocol::ReviewReport question, runledger_text* verdict) {
  const auto status = enter({"review", question.name}, verdict);
  if (status != RUNLEDGER_NOT_DONE) return status;
  open_.reset();
  return suspend(std::move(question));
}

std::optional<std::string> DurableCalls::left_out() const {
  if (finished_ < task_.memos.size()) {
    const protocol::TaskMemo& memo = task_.memos[finished_];
    return text_of({memo.kind, memo.name});
  }
  const auto due = pending();
  return due ? std::optional(text_of(*due)) : std::nullopt;
}

std::optional<protocol::ReportBody> DurableCalls::outcome(runledger_status returned) const {
  if (failure_) return *failure_;
  if (wait_ && returned == RUNLEDGER_SUSPENDED) return *wait_;
  if (wait_) {
    return protocol::FailedReport{"wait_swallowed",
                                  "The executor was to unwind, because it waits, and went on "
                                  "instead: let what the durable calls throw pass",
                                  false};
  }
  if (returned == RUNLEDGER_SUSPENDED) {
    return protocol::FailedReport{"executor_error",
                                  "The executor unwound although it waits for nothing", false};
  }
  const auto call = returned == RUNLEDGER_OK ? left_out() : std::nullopt;
  if (!call) return std::nullopt;
  return protocol::FailedReport{
      "executor_not_deterministic",
      "Durable call " + std::to_string(finished_ + 1) + " was " + *call +
          " before, and now the executor has ended after " + times(finished_) +
          ". Called again, it has to make the same calls in the same order",
      false};
}

}  // namespace runledger::core::worker
