#include "core/check/rehearsal.h"

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/sha256.h"
#include "core/worker/remote_memo.h"

namespace runledger::core::check {
namespace {

using nlohmann::json;

// A resource's id follows from what it is of, so that it is the same the next time.
std::string resource_id_of(const std::string& digest) {
  constexpr std::size_t kDigits = 26;
  return "res_" + digest.substr(0, kDigits);
}

// Takes everything and remembers it.
class KeepingLink final : public worker::TaskLink {
 public:
  KeepingLink(Rehearsed& kept, std::string task_id, const std::stop_token& stop)
      : kept_(kept), task_id_(std::move(task_id)), stop_(stop) {}

  worker::Delivery report(protocol::ReportBody body) override {
    const std::scoped_lock lock(mutex_);
    if (auto* emitted = std::get_if<protocol::EmitReport>(&body)) {
      kept_.emitted.push_back(std::move(*emitted));
    } else if (auto* log = std::get_if<protocol::LogReport>(&body)) {
      kept_.logs.push_back(std::move(*log));
    }
    return worker::Delivery::kTaken;
  }
  std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) override {
    const std::scoped_lock lock(mutex_);
    if (auto* step = std::get_if<protocol::StepReport>(&body)) {
      kept_.memos.push_back({step->poll ? "poll" : "step", step->name, step->result});
    } else if (const auto* intent = std::get_if<protocol::RemoteIntentReport>(&body)) {
      return intended(*intent);
    } else if (const auto* job = std::get_if<protocol::RemoteSubmittedReport>(&body)) {
      return submitted(*job);
    } else if (std::holds_alternative<protocol::RemoteFailedReport>(body)) {
      kept_.pending_remote.reset();
    }
    return protocol::Acknowledgement{};
  }
  worker::StoredArtifact store(protocol::ResourceReport resource,
                               std::span<const std::byte> content) override {
    resource.sha256 = sha256_hex({reinterpret_cast<const char*>(content.data()), content.size()});
    resource.size = content.size();
    const std::string sha256 = resource.sha256;
    const std::scoped_lock lock(mutex_);
    const std::string name = resource.name;
    kept_.stored.push_back(std::move(resource));
    return {worker::UploadOutcome::kStored, {}, resource_for(name, sha256), sha256};
  }
  bool stop_requested() const override { return stop_.stop_requested(); }

 private:
  // Without a key nothing is handed over.
  protocol::Acknowledgement intended(const protocol::RemoteIntentReport& intent) {
    if (stop_.stop_requested()) return {};
    const std::string key = task_id_ + "-0-" + std::to_string(intent.ordinal);
    kept_.pending_remote = protocol::PendingRemote{intent.provider, key};
    const std::string id = resource_id_of(sha256_hex(key));
    if (!intent.resource_name.empty() && !is_placeholder(id)) {
      kept_.placeholders[intent.resource_name] = Placeholder{id, {}};
    }
    return {0, "", key};
  }
  protocol::Acknowledgement submitted(const protocol::RemoteSubmittedReport& job) {
    std::string id = resource_id_of(sha256_hex(job.idempotency_key));
    if (!is_placeholder(id)) id.clear();
    kept_.submitted.push_back(job);
    kept_.memos.push_back(
        worker::remote_memo({job.provider, job.idempotency_key, job.execute_id, id}));
    kept_.pending_remote.reset();
    return {0, id, ""};
  }
  bool is_placeholder(const std::string& resource_id) const {
    return std::any_of(kept_.placeholders.begin(), kept_.placeholders.end(),
                       [&](const auto& each) { return each.second.resource_id == resource_id; });
  }
  std::string resource_for(const std::string& name, const std::string& sha256) {
    const auto wanted = kept_.placeholders.find(name);
    const bool fits = wanted != kept_.placeholders.end() &&
                      (wanted->second.sha256.empty() || wanted->second.sha256 == sha256);
    if (!fits) return resource_id_of(sha256);
    wanted->second.sha256 = sha256;
    return wanted->second.resource_id;
  }

  std::mutex mutex_;
  Rehearsed& kept_;
  const std::string task_id_;
  const std::stop_token stop_;
};

bool is_wait(const protocol::ReportBody& outcome) {
  return std::holds_alternative<protocol::SleepReport>(outcome) ||
         std::holds_alternative<protocol::PollWaitReport>(outcome) ||
         std::holds_alternative<protocol::StepReport>(outcome) ||
         std::holds_alternative<protocol::ReviewReport>(outcome) ||
         std::holds_alternative<protocol::RemoteUnknownReport>(outcome);
}

class Rehearsal {
 public:
  Rehearsal(protocol::LeasedTask task, Placeholders placeholders) : task_(std::move(task)) {
    kept.memos = task_.memos;
    kept.pending_remote = task_.pending_remote;
    kept.placeholders = std::move(placeholders);
  }

  protocol::LeasedTask next_run() {
    task_.memos = kept.memos;
    task_.pending_remote = kept.pending_remote;
    ++kept.runs;
    return task_;
  }
  // Whether it waited for something, which has come now.
  bool has_come(const protocol::ReportBody& outcome) {
    if (const auto* sleep = std::get_if<protocol::SleepReport>(&outcome)) {
      kept.waited_ms += sleep->delay_ms;
      kept.memos.push_back({"sleep", sleep->name, "null"});
      return true;
    }
    if (const auto* wait = std::get_if<protocol::PollWaitReport>(&outcome)) {
      kept.waited_ms += wait->every_ms;
      if (!task_.pending_poll) task_.pending_poll = protocol::PendingPoll{wait->name, 0, true};
      task_.pending_poll->waited_ms += wait->every_ms;
      return true;
    }
    if (const auto* found = std::get_if<protocol::StepReport>(&outcome)) {
      kept.memos.push_back({"poll", found->name, found->result});
      task_.pending_poll.reset();
      return true;
    }
    const auto* review = std::get_if<protocol::ReviewReport>(&outcome);
    if (review == nullptr) return false;
    kept.reviews.push_back(*review);
    const json verdict = {{"approved", true},
                          {"body", json::parse(review->body)},
                          {"corrected", false},
                          {"feedback", ""},
                          {"by", "user:tester"}};
    kept.memos.push_back({"review", review->name, verdict.dump()});
    return true;
  }

  const std::string& task_id() const { return task_.task_id; }
  // An attempt that is the last one, and leaves a job of which nobody knows, is no end.
  protocol::ReportBody judged(protocol::ReportBody outcome) const {
    const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
    if (failed == nullptr || failed->retryable || !kept.pending_remote) return outcome;
    return protocol::RemoteUnknownReport{jobs() + 1, failed->message};
  }
  // As the worker does with a task whose run is canceled.
  void cancel_jobs(worker::TaskExecutor& executor, const worker::TaskStop& stop) {
    if (jobs() == 0 || stop.kill.stop_requested()) return;
    protocol::LeasedTask of_jobs = task_;
    of_jobs.memos = kept.memos;
    of_jobs.pending_remote.reset();
    of_jobs.canceling = true;
    KeepingLink link(kept, task_.task_id, std::stop_token{});
    executor.run(of_jobs, link, {std::stop_token{}, stop.kill});
  }

  Rehearsed kept;

 private:
  std::uint32_t jobs() const {
    return static_cast<std::uint32_t>(
        std::count_if(kept.memos.begin(), kept.memos.end(),
                      [](const protocol::TaskMemo& memo) { return memo.kind == "remote"; }));
  }

  protocol::LeasedTask task_;
};

}  // namespace

Rehearsed rehearse(worker::TaskExecutor& executor, protocol::LeasedTask task,
                   const worker::TaskStop& stop, Placeholders placeholders) {
  Rehearsal rehearsal(std::move(task), std::move(placeholders));
  KeepingLink link(rehearsal.kept, rehearsal.task_id(), stop.stop);
  while (rehearsal.kept.runs < kRehearsalRunsMax) {
    auto outcome = executor.run(rehearsal.next_run(), link, stop);
    const bool stopped = stop.stop.stop_requested();
    if (stopped) rehearsal.cancel_jobs(executor, stop);
    if (stopped && is_wait(outcome)) outcome = protocol::CanceledReport{};
    if (!stopped) outcome = rehearsal.judged(std::move(outcome));
    const bool goes_on = rehearsal.has_come(outcome);
    rehearsal.kept.outcome = std::move(outcome);
    if (!goes_on) break;
  }
  return std::move(rehearsal.kept);
}

protocol::LeasedTask task_of(const std::string& task_type, const std::string& input) {
  protocol::LeasedTask task;
  task.run_id = "run_check";
  task.task_id = "task_check";
  task.lease_id = "lease_check";
  task.task_type = task_type;
  task.input = input;
  task.session = "{}";
  return task;
}

}  // namespace runledger::core::check
