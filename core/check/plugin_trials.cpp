#include "core/check/plugin_trials.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/worker/remote_memo.h"

namespace runledger::core::check {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

// Asks for something when the time is over, unless it is destroyed before.
class Alarm {
 public:
  Alarm(Milliseconds time, std::stop_source& source)
      : thread_([this, time, &source] {
          std::unique_lock lock(mutex_);
          if (ended_early_.wait_for(lock, time, [this] { return over_; })) return;
          rang_ = true;
          source.request_stop();
        }) {}
  ~Alarm() { end(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // Whether the time was over.
  bool end() {
    {
      const std::scoped_lock lock(mutex_);
      over_ = true;
      ended_early_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
    return rang_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_early_;
  bool over_ = false;
  bool rang_ = false;
  std::thread thread_;
};

std::string name_of(const protocol::TaskMemo& memo) {
  return memo.kind + " '" + memo.name + "'";
}

std::string call_text(const std::vector<protocol::TaskMemo>& memos, std::size_t index) {
  return index < memos.size() ? name_of(memos[index]) : "missing";
}

bool same(const protocol::TaskMemo& one, const protocol::TaskMemo& other) {
  return one.kind == other.kind && one.name == other.name && one.result == other.result;
}

std::optional<std::string> output_of(const Trial& trial) {
  const auto* done = std::get_if<protocol::SucceededReport>(&trial.rehearsed.outcome);
  if (done == nullptr) return std::nullopt;
  return json::parse(done->output).dump();
}

bool leaves_it_to_a_person(const Trial& trial) {
  return trial.crash.empty() &&
         std::holds_alternative<protocol::RemoteUnknownReport>(trial.rehearsed.outcome);
}

std::optional<std::string> difference(const Trial& whole, const Trial& again) {
  const auto& before = whole.rehearsed.memos;
  const auto& after = again.rehearsed.memos;
  if (auto failure = failure_text(again)) return failure;
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::string was = call_text(before, i);
    const std::string is = call_text(after, i);
    if (was == is) continue;
    return "durable call " + std::to_string(i + 1) + " was " + was + " and is " + is;
  }
  if (!std::equal(before.begin(), before.end(), after.begin(), after.end(), same)) {
    return std::nullopt;  // the output may follow from what has changed
  }
  if (output_of(whole) == output_of(again)) return std::nullopt;
  return "the output was " + *output_of(whole) + " and is " + *output_of(again);
}

}  // namespace

std::optional<std::string> failure_text(const Trial& trial) {
  if (!trial.crash.empty()) return "its process has ended: " + trial.crash;
  if (trial.out_of_time) {
    return "it has not ended within " + std::to_string(trial.took.count()) + " ms";
  }
  const auto& outcome = trial.rehearsed.outcome;
  if (const auto* failed = std::get_if<protocol::FailedReport>(&outcome)) {
    return "it has failed: " + failed->code + ": " + failed->message;
  }
  if (std::holds_alternative<protocol::SucceededReport>(outcome)) return std::nullopt;
  if (std::holds_alternative<protocol::CanceledReport>(outcome)) return "it has been stopped";
  if (const auto* unknown = std::get_if<protocol::RemoteUnknownReport>(&outcome)) {
    return "nobody knows whether its remote call " + std::to_string(unknown->ordinal) +
           " has handed the job over: " + unknown->message;
  }
  return "it waits without end: the executor was run " + std::to_string(trial.rehearsed.runs) +
         " times";
}

Trial PluginTrials::run_in(OneHost& host, protocol::LeasedTask task, Milliseconds time_limit,
                           std::optional<Milliseconds> stop_after, Placeholders placeholders) {
  Trial trial{task.task_type, task.input, {}, {}, false, {}};
  std::stop_source stop;
  std::stop_source kill;
  const auto began = Clock::now();
  {
    Alarm limit(time_limit, kill);
    std::optional<Alarm> told;
    if (stop_after) told.emplace(*stop_after, stop);
    trial.rehearsed = rehearse(host, std::move(task), {stop.get_token(), kill.get_token()},
                               std::move(placeholders));
    trial.out_of_time = limit.end();
  }
  trial.took = std::chrono::duration_cast<Milliseconds>(Clock::now() - began);
  trial.crash = host.cause();
  return trial;
}

Trial PluginTrials::run(const std::string& task_type, const std::string& input) {
  OneHost host(settings_.hosts, plugin_, watch_, resources_);
  return run_in(host, task_of(task_type, input), settings_.time_limit, std::nullopt);
}

Trial PluginTrials::run_again(const Trial& whole, std::size_t calls, bool handing_over) {
  const auto& memos = whole.rehearsed.memos;
  auto task = task_of(whole.task_type, whole.input);
  task.attempt = 2;  // the first one has crashed
  task.memos.assign(memos.begin(), memos.begin() + static_cast<std::ptrdiff_t>(calls));
  if (handing_over) {
    const auto job = worker::remote_in(memos[calls]);
    task.pending_remote = protocol::PendingRemote{job->provider, job->idempotency_key};
  }
  OneHost host(settings_.hosts, plugin_, watch_, resources_);
  return run_in(host, std::move(task), settings_.time_limit, std::nullopt,
                whole.rehearsed.placeholders);
}

std::optional<std::string> PluginTrials::crashed(const Trial& whole) {
  const auto& memos = whole.rehearsed.memos;
  for (std::size_t calls = 0; calls <= std::min(memos.size(), kCrashesMax); ++calls) {
    if (const auto wrong = difference(whole, run_again(whole, calls, false))) {
      const std::string after =
          calls == 0 ? "before the first durable call" : "after " + name_of(memos[calls - 1]);
      return "run again as after a crash " + after + ": " + *wrong;
    }
    if (calls == memos.size() || !worker::remote_in(memos[calls])) continue;
    const Trial again = run_again(whole, calls, true);
    if (leaves_it_to_a_person(again)) continue;
    if (const auto wrong = difference(whole, again)) {
      return "run again as after a crash within " + name_of(memos[calls]) + ": " + *wrong;
    }
  }
  return std::nullopt;
}

std::optional<std::string> PluginTrials::stopped_after(const Trial& whole, Milliseconds time) {
  OneHost host(settings_.hosts, plugin_, watch_, resources_);
  const Trial trial =
      run_in(host, task_of(whole.task_type, whole.input), time + settings_.stop_within, time);
  const std::string when = "told to stop after " + std::to_string(time.count()) + " ms, ";
  if (!trial.crash.empty()) return when + "its process has ended: " + trial.crash;
  if (!trial.out_of_time) return std::nullopt;
  return when + "it has not ended within " + std::to_string(settings_.stop_within.count()) + " ms";
}

std::optional<std::string> PluginTrials::stopped(const Trial& whole) {
  constexpr Milliseconds kShort{50};  // no middle worth the trial
  if (auto wrong = stopped_after(whole, Milliseconds(0))) return wrong;
  return whole.took < kShort ? std::nullopt : stopped_after(whole, whole.took / 2);
}

std::optional<std::string> PluginTrials::repeated(const Trial& whole) {
  OneHost host(settings_.hosts, plugin_, watch_, resources_);
  for (const char* which : {"the first time", "the second time in one process"}) {
    const Trial trial =
        run_in(host, task_of(whole.task_type, whole.input), settings_.time_limit, std::nullopt);
    if (auto wrong = difference(whole, trial)) return std::string(which) + ": " + *wrong;
    if (!host.worth_keeping()) {
      return std::string(which) + ": it has left a thread behind, or more memory than is kept";
    }
  }
  return std::nullopt;
}

std::optional<std::string> PluginTrials::malformed(const std::string& task_type,
                                                   const std::string& input) {
  if (for_malformed_ == nullptr || !for_malformed_->worth_keeping()) {
    for_malformed_ = std::make_unique<OneHost>(settings_.hosts, plugin_, watch_, resources_);
  }
  const Trial trial =
      run_in(*for_malformed_, task_of(task_type, input), settings_.time_limit, std::nullopt);
  if (!trial.crash.empty()) return failure_text(trial);
  return trial.out_of_time ? failure_text(trial) : std::nullopt;
}

}  // namespace runledger::core::check
