// A host in memory: runs one task of a plugin from its beginning to its end, as a worker and the
// server would, and keeps what it said. Time is virtual: what is waited for comes at once, and the
// clock jumps. Not bound to a test framework. One thread, but for what executors report.
#pragma once

#include <runledger/testing/attempt.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string_view>

namespace runledger::testing {

// How often an executor is run for one task before the host gives up: a poll without a time-out.
inline constexpr std::size_t kRunsMax = 10'000;

class FakeHost {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // --- before a task is run ---

  void set_session(json session) { session_ = std::move(session); }
  void set_attempt(std::uint32_t attempt) { attempt_ = attempt; }
  // What is said to the next review of that name that has no answer yet. A review without one
  // leaves the task suspended; the schema of a correction is the server's to check.
  void answer_review(const std::string& name, Answer answer) {
    answers_[name].push_back(std::move(answer));
  }
  void approve_reviews() { approve_reviews_ = true; }  // those without an answer
  // What an operator says of the next job of which nobody knows. Without it the task stands.
  void resolve_remote(Resolution resolution) { resolutions_.push_back(std::move(resolution)); }
  // Those without a resolution whose process crash_at() has killed: the operator finds at the
  // provider what the executor had handed over.
  void resolve_crashed_remotes() { resolve_crashed_ = true; }
  // What URLs that begin so answer: one after the other, the last one for good. The longest prefix
  // that fits is taken.
  void answer_http(const std::string& url_prefix, HttpReply reply) {
    outside_.answer(url_prefix, std::move(reply));
  }
  // What all others answer. Without it such a call is the problem `not_scripted`.
  void on_http(std::function<HttpReply(const HttpRequest&)> answers) {
    outside_.answer_others(std::move(answers));
  }
  // The worker has a credential of that name for the URL's origin. There is no secret here.
  void give_credential(const std::string& name, const std::string& url) {
    outside_.give_credential(name, url);
  }
  // One that is there, such as an earlier step's.
  void add_resource(const std::string& resource_id, std::string media_type, std::string content) {
    outside_.add_resource(resource_id, {std::move(media_type), std::move(content)});
  }
  // When the clock gets there while a task waits. From the beginning of the host.
  void at(Milliseconds time, std::function<void()> then) {
    due_.emplace(static_cast<std::uint64_t>(time.count()), std::move(then));
  }
  // The process dies once, at the n-th durable call of the next task, counted from 1. What follows
  // is the next attempt.
  void crash_at(std::size_t call, Crash side = Crash::kAfterItIsRecorded) { crash_ = {call, side}; }
  // The task is told to stop: from its beginning, or when it has reported so often.
  void request_stop() { stop_at_report_ = 0; }
  void request_stop_at_report(std::uint64_t count) { stop_at_report_ = count; }
  // The run of the latest task is canceled: in the middle of it (from at() or on_http()), or while
  // it stands, before go_on().
  void cancel() { task_->stop = true; }
  // The connection is gone and nothing counts any more: all calls are RUNLEDGER_STOPPED.
  void cut_off() { cut_off_ = true; }
  // As a worker of an older SDK, whose table is so long: offsetof(runledger_host, step_begin).
  void set_table_bytes(std::size_t bytes) { table_bytes_ = static_cast<std::uint32_t>(bytes); }

  // --- a task ---

  // A new one, to its end or to a wait that does not end by itself.
  Outcome run(const runledger_plugin& plugin, std::string_view task_type, const json& input) {
    task_ = std::make_unique<detail::TaskRecord>();
    const std::string number = std::to_string(++tasks_);
    task_->run_id = "run_" + number;
    task_->task_id = "task_" + number;
    task_->task_type = task_type;
    task_->input = input.dump();
    task_->session = session_.dump();
    task_->attempt = attempt_;
    task_->cut_off = cut_off_;
    task_->stop = cut_off_ || stop_at_report_ == 0U;
    if (!task_->stop) task_->stop_at_report = stop_at_report_;
    task_->crash = std::exchange(crash_, std::nullopt);
    runs_ = 0;
    attempt_ended_ = false;
    stands_ = false;
    return go_on(plugin);
  }
  // The same task again: after answer_review() or resolve_remote(), or as a retry that keeps what
  // is finished.
  Outcome go_on(const runledger_plugin& plugin) {
    Outcome outcome = stands_ && task_->stop ? Outcome::stopped() : run_to_a_stand(plugin);
    stands_ = outcome.suspended();
    if (!outcome.suspended() && !(outcome.failed() && outcome.retryable())) {
      detail::close_placeholders(*task_);
    }
    return outcome;
  }

  // --- what it said; lists are of the latest task, over all runs of its executor ---

  const std::vector<Emitted>& emitted() const { return task().emitted; }
  std::vector<json> emitted(std::string_view type) const {
    std::vector<json> data;
    for (const Emitted& event : emitted()) {
      if (event.type == type) data.push_back(event.data);
    }
    return data;
  }
  const std::vector<Logged>& logs() const { return task().logs; }
  const std::vector<Progress>& progress() const { return task().progress; }
  const std::vector<Stored>& artifacts() const { return task().artifacts; }
  const std::vector<Asked>& reviews() const { return task().reviews; }
  // Jobs that providers were said to have, in that order, and those that were not wanted any more.
  const std::vector<Submission>& submissions() const { return task().submissions; }
  const std::vector<CanceledJob>& canceled_jobs() const { return task().canceled_jobs; }
  // What jobs are to become. An artifact of the name completes it.
  const std::vector<Placeholder>& placeholders() const { return task().placeholders; }
  // Over all tasks of this host, with credentials by name.
  std::vector<HttpRequest> http_requests() const { return outside_.requests(); }
  const std::string& task_id() const { return task().task_id; }
  // Finished durable calls in their order.
  std::vector<Memo> durable_calls() const {
    std::vector<Memo> calls;
    for (const auto& memo : task().memos) {
      calls.push_back({memo.kind, memo.name, json::parse(memo.result)});
    }
    return calls;
  }
  std::size_t runs() const { return runs_; }  // of the executor, for this task
  Milliseconds now() const { return Milliseconds(now_ms_); }

 private:
  const detail::TaskRecord& task() const { return *task_; }

  void remember(const std::string& kind, const std::string& name, const json& result) {
    task_->memos.push_back({kind, name, result.dump()});
  }

  Outcome run_to_a_stand(const runledger_plugin& plugin) {
    for (std::size_t left = kRunsMax; left > 0; --left) {
      if (auto standing = resolve_job()) return *standing;
      ++runs_;
      if (std::exchange(attempt_ended_, false)) ++task_->attempt;
      detail::Attempt attempt(*task_, outside_, std::min(table_bytes_, detail::kTableBytes));
      Outcome outcome = attempt.run(plugin);
      attempt_ended_ = attempt.durable().crashed() || !outcome.suspended();
      if (task_->stop) return stopped(plugin, attempt.durable().crashed(), outcome);
      if (attempt.durable().crashed() || doubts_job(outcome)) continue;
      if (!outcome.suspended()) return outcome;
      const detail::Wait wait = *attempt.durable().wait();
      if (!resolve(wait)) return outcome;
      if (!task_->stop) continue;
      if (wait.kind == "poll") tell_providers(plugin);  // its worker had it all the time
      return Outcome::stopped();
    }
    return Outcome::waits_for("something for ever: the executor was run " +
                              std::to_string(kRunsMax) + " times");
  }

  // It was told to stop, and this is what its run came to.
  Outcome stopped(const runledger_plugin& plugin, bool crashed, const Outcome& outcome) {
    if (!crashed) tell_providers(plugin);
    return crashed || outcome.suspended() ? Outcome::stopped() : outcome;
  }
  void tell_providers(const runledger_plugin& plugin) {
    if (task_->cut_off) return;
    detail::Attempt(*task_, outside_, std::min(table_bytes_, detail::kTableBytes))
        .cancel_jobs(plugin);
  }

  // An attempt that is the last one, and leaves a job of which nobody knows, is no end.
  bool doubts_job(const Outcome& outcome) {
    using Status = detail::TaskRecord::OpenJob::Status;
    const bool last = outcome.failed() && !outcome.retryable();
    if (!last || !task_->open_job || task_->open_job->status != Status::kIntended) return false;
    detail::doubt(*task_, outcome.failure_message());
    attempt_ended_ = false;
    return true;
  }

  // What an operator says of a job of which nobody knows, if there is one; nothing: it goes on.
  std::optional<Outcome> resolve_job() {
    using Status = detail::TaskRecord::OpenJob::Status;
    auto& job = task_->open_job;
    if (!job || job->status != Status::kUnknown) return std::nullopt;
    const auto resolution = resolution_of(*job);
    const std::string provider = job->provider;
    if (!resolution) return Outcome::waits_for("remote '" + provider + "': " + job->doubt);
    if (const auto* there = std::get_if<Submitted>(&*resolution)) {
      detail::submit(*task_, there->execute_id);
      return std::nullopt;
    }
    if (std::holds_alternative<NotSubmitted>(*resolution)) {
      detail::show_placeholder(*task_, "pending", "");
      job->status = Status::kNotSubmitted;
      return std::nullopt;
    }
    job->status = Status::kFailed;
    attempt_ended_ = true;
    const std::string& why = std::get<Failed>(*resolution).message;
    return Outcome::failed_with("remote_failed",
                                "Whoever looked at " + provider + " says that the job failed" +
                                    (why.empty() ? "" : ": " + why),
                                false);
  }
  std::optional<Resolution> resolution_of(const detail::TaskRecord::OpenJob& job) {
    if (!resolutions_.empty()) {
      Resolution said = std::move(resolutions_.front());
      resolutions_.pop_front();
      return said;
    }
    if (!resolve_crashed_) return std::nullopt;
    if (job.lost_execute_id) return Submitted{*job.lost_execute_id};
    if (!job.may_be_handed_over) return NotSubmitted{};
    return std::nullopt;
  }

  // What is waited for has come; false: it does not by itself.
  bool resolve(const detail::Wait& wait) {
    if (wait.kind == "review") return decide(wait);
    if (wait.kind == "remote") {
      detail::doubt(*task_, wait.doubt);
      return true;
    }
    pass(wait.delay_ms);
    if (wait.kind == "sleep") remember("sleep", wait.name, nullptr);
    if (wait.kind == "poll") {
      if (!task_->pending_poll) task_->pending_poll = detail::TaskRecord::PendingPoll{wait.name};
      task_->pending_poll->waited_ms += wait.delay_ms;
    }
    return true;
  }

  bool decide(const detail::Wait& wait) {
    auto& waiting = answers_[wait.name];
    task_->reviews.push_back(wait.question);
    if (waiting.empty() && !approve_reviews_) return false;
    Answer answer;
    if (!waiting.empty()) {
      answer = std::move(waiting.front());
      waiting.pop_front();
    }
    const bool corrected = !answer.corrected.is_null();
    remember("review", wait.name,
             {{"approved", answer.approved},
              {"body", corrected ? answer.corrected : wait.question.body},
              {"corrected", corrected},
              {"feedback", answer.feedback},
              {"by", answer.by}});
    return true;
  }

  void pass(std::uint64_t ms) {
    now_ms_ += ms;
    while (!due_.empty() && due_.begin()->first <= now_ms_) {
      auto then = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      then();
    }
  }

  json session_ = json::object();
  std::uint32_t attempt_ = 1;
  std::map<std::string, std::deque<Answer>> answers_;
  bool approve_reviews_ = false;
  detail::Outside outside_;
  std::deque<Resolution> resolutions_;
  bool resolve_crashed_ = false;
  std::size_t tasks_ = 0;
  bool stands_ = false;  // the latest task waits for somebody
  bool cut_off_ = false;
  std::optional<std::uint64_t> stop_at_report_;
  std::optional<detail::TaskRecord::PlannedCrash> crash_;
  std::uint32_t table_bytes_ = detail::kTableBytes;
  std::multimap<std::uint64_t, std::function<void()>> due_;
  std::uint64_t now_ms_ = 0;
  std::size_t runs_ = 0;
  bool attempt_ended_ = false;  // the next run is another attempt; after a wait it is the same
  std::unique_ptr<detail::TaskRecord> task_ = std::make_unique<detail::TaskRecord>();
};

}  // namespace runledger::testing
