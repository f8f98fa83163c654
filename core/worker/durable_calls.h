// The durable calls of one run of an executor: gives back what is recorded, records what is new,
// and knows when the executor has to unwind to wait. One thread, that which made it; suspended()
// any thread.
#pragma once

#include <runledger/plugin.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "core/protocol/messages.h"

namespace runledger::core::worker {

class DurableCalls {
 public:
  using Clock = std::chrono::steady_clock;
  // Returns when the report is recorded; nothing: it never will be, for the lease is over.
  using Record = std::function<std::optional<protocol::Acknowledgement>(protocol::ReportBody)>;

  // The task must outlive it; what the calls give is text of it, or of this object.
  DurableCalls(const protocol::LeasedTask& task, Record record,
               Clock::time_point now = Clock::now());

  // As in plugin.h. The reason of a refusal is last_refusal().
  runledger_status step_begin(const std::string& name, runledger_text* result);
  runledger_status step_end(const std::string& name, std::string result);
  runledger_status sleep(const std::string& name, std::uint64_t delay_ms);
  runledger_status poll_begin(const std::string& name, runledger_text* result);
  runledger_status poll_found(const std::string& name, std::string result);
  struct Poll {
    std::string name;
    std::uint64_t every_ms = 0;
    std::uint64_t timeout_ms = 0;
    double factor = 1;
    std::uint64_t every_max_ms = 0;
  };
  runledger_status poll_wait(const Poll& poll, Clock::time_point now = Clock::now());
  runledger_status review(protocol::ReviewReport question, runledger_text* verdict);

  struct Remote {
    std::string provider;
    std::string resource_name;        // what the job is to become; empty: nothing
    std::string resource_media_type;  // empty: the same
  };
  runledger_status remote_begin(const Remote& call, runledger_remote_job& job);
  runledger_status remote_not_found(runledger_remote_job& job);
  runledger_status remote_submitted(const std::string& execute_id, bool found,
                                    runledger_remote_job& job);
  runledger_status remote_failed(std::string code, std::string message);
  runledger_status remote_unknown(std::string message);

  // The executor waits for something, and has to unwind.
  bool suspended() const { return suspended_; }
  // The final report, should the durable calls decide it: what the executor waits for, or what is
  // wrong with its calls. A PollWaitReport keeps no lease yet.
  std::optional<protocol::ReportBody> outcome(runledger_status returned) const;

 private:
  struct Call {
    std::string kind;
    std::string name;
    bool operator==(const Call&) const = default;
  };
  static std::string text_of(const Call& call);
  // RUNLEDGER_OK with the recorded result, RUNLEDGER_NOT_DONE, or why not.
  runledger_status enter(const Call& call, runledger_text* result);
  runledger_status finish(const Call& call, protocol::StepReport report);
  runledger_status suspend(protocol::ReportBody wait);
  runledger_status differs(const std::string& recorded, const std::string& asked);
  std::optional<std::string> left_out() const;
  bool is_pending(const Call& call) const;
  std::optional<Call> pending() const;
  runledger_status intend(bool found_nothing, runledger_remote_job& job);
  runledger_status not_begun();
  runledger_text kept(std::string text);

  const protocol::LeasedTask& task_;
  const Record record_;
  const Clock::time_point began_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::size_t finished_ = 0;  // calls that this run of the executor has behind it
  std::optional<Call> open_;  // begun and not finished
  // Of remote calls: those behind it; the open one and its key, empty before it may be handed over;
  // one from before of which nobody knows.
  std::uint32_t remote_calls_ = 0;
  Remote remote_;
  std::string remote_key_;
  std::optional<protocol::PendingRemote> pending_remote_;
  std::deque<std::string> texts_;  // that the executor was given
  std::optional<protocol::ReportBody> wait_;
  std::optional<protocol::FailedReport> failure_;
  std::atomic<bool> suspended_ = false;
};

}  // namespace runledger::core::worker
