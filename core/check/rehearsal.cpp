#include "core/check/rehearsal.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/sha256.h"

namespace runledger::core::check {
namespace {

using nlohmann::json;

// Takes everything and remembers it.
class KeepingLink final : public worker::TaskLink {
 public:
  KeepingLink(Rehearsed& kept, const std::stop_token& stop) : kept_(kept), stop_(stop) {}

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
    }
    return protocol::Acknowledgement{};
  }
  // The resource's id follows from its content, so that it is the same the next time.
  worker::StoredArtifact store(protocol::ResourceReport resource,
                               std::span<const std::byte> content) override {
    constexpr std::size_t kDigits = 26;
    resource.sha256 = sha256_hex({reinterpret_cast<const char*>(content.data()), content.size()});
    resource.size = content.size();
    const std::string sha256 = resource.sha256;
    const std::scoped_lock lock(mutex_);
    kept_.stored.push_back(std::move(resource));
    return {worker::UploadOutcome::kStored, {}, "res_" + sha256.substr(0, kDigits), sha256};
  }
  bool stop_requested() const override { return stop_.stop_requested(); }

 private:
  std::mutex mutex_;
  Rehearsed& kept_;
  const std::stop_token stop_;
};

bool is_wait(const protocol::ReportBody& outcome) {
  return std::holds_alternative<protocol::SleepReport>(outcome) ||
         std::holds_alternative<protocol::PollWaitReport>(outcome) ||
         std::holds_alternative<protocol::StepReport>(outcome) ||
         std::holds_alternative<protocol::ReviewReport>(outcome);
}

class Rehearsal {
 public:
  explicit Rehearsal(protocol::LeasedTask task) : task_(std::move(task)) {
    kept.memos = task_.memos;
  }

  protocol::LeasedTask next_run() {
    task_.memos = kept.memos;
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

  Rehearsed kept;

 private:
  protocol::LeasedTask task_;
};

}  // namespace

Rehearsed rehearse(worker::TaskExecutor& executor, protocol::LeasedTask task,
                   const worker::TaskStop& stop) {
  Rehearsal rehearsal(std::move(task));
  KeepingLink link(rehearsal.kept, stop.stop);
  while (rehearsal.kept.runs < kRehearsalRunsMax) {
    auto outcome = executor.run(rehearsal.next_run(), link, stop);
    if (is_wait(outcome) && stop.stop.stop_requested()) outcome = protocol::CanceledReport{};
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
