#include "core/worker/task_runner.h"

#include <runledger/plugin.h>
#include <spdlog/spdlog.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/worker/host_calls.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"
#include "core/worker/server_task_link.h"
#include "core/worker/task_reports.h"

namespace runledger::core::worker {
namespace {

using Clock = std::chrono::steady_clock;

struct Job {
  Job(protocol::LeasedTask leased, ServerLink& link)
      : task(std::move(leased)), reports(task, link) {}

  protocol::LeasedTask task;
  TaskReports reports;
  std::stop_source stop;
  std::optional<Clock::time_point> stop_by;  // under the runner's lock
};

protocol::ReportBody execute(const runledger_plugin& plugin, HostCalls& host) {
  void* instance = nullptr;
  std::array<char, 1024> error{};
  if (plugin.create(&instance, error.data(), error.size()) != RUNLEDGER_OK) {
    error.back() = '\0';
    return protocol::FailedReport{
        "executor_error", std::string("The executor could not be made: ") + error.data(), true};
  }
  const runledger_status returned = plugin.execute(instance, &host.table());
  plugin.destroy(instance);
  return host.outcome(returned);
}

}  // namespace

struct TaskRunner::Impl {
  Impl(TaskRunnerSettings chosen, ServerLink& to_server, ArtifactUploader& uploads)
      : settings(std::move(chosen)), link(to_server), uploader(uploads) {
    for (std::uint32_t i = 0; i < settings.slots; ++i) slots.emplace_back([this] { run_slot(); });
    timekeeper = std::thread([this] { keep_time(); });
  }

  ~Impl() {
    {
      const std::scoped_lock lock(mutex);
      closing = true;
      changed.notify_all();
    }
    for (std::thread& slot : slots) slot.join();
    {
      const std::scoped_lock lock(mutex);
      slots_ended = true;
      changed.notify_all();
    }
    timekeeper.join();
  }

  void run_slot() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return closing || !queue.empty(); });
      if (queue.empty()) return;
      const auto job = queue.front();
      queue.pop_front();
      lock.unlock();
      run(*job);
      const std::string lease_id = job->task.lease_id;
      lock.lock();
      jobs.erase(job);
      changed.notify_all();
      lock.unlock();
      link.slot_is_free(lease_id);
      lock.lock();
    }
  }

  void run(Job& job) {
    if (job.stop.stop_requested()) {  // before it had a slot
      job.reports.finish(protocol::CanceledReport{});
      return;
    }
    const auto found = settings.executors.find(job.task.task_type);
    if (found == settings.executors.end()) {
      job.reports.finish(protocol::FailedReport{
          "unknown_task_type", "This worker has no plugin for " + job.task.task_type, true});
      return;
    }
    ServerTaskLink to_server(job.task, link, uploader, job.reports, job.stop.get_token());
    HostCalls host(job.task, to_server);
    spdlog::info("task {} ({}), attempt {}: begins", job.task.task_id, job.task.task_type,
                 job.task.attempt);
    auto outcome = execute(*found->second, host);
    spdlog::info("task {}: {}", job.task.task_id, name_of(outcome));
    job.reports.finish(std::move(outcome));
  }

  static std::string name_of(const protocol::ReportBody& outcome) {
    if (std::holds_alternative<protocol::SucceededReport>(outcome)) return "succeeded";
    if (std::holds_alternative<protocol::CanceledReport>(outcome)) return "canceled";
    const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
    return failed ? "failed: " + failed->code : "ended";
  }

  // Sends what tasks left waiting and watches over those that were told to stop.
  void keep_time() {
    std::unique_lock lock(mutex);
    while (!slots_ended) {
      const auto now = Clock::now();
      auto wake = Clock::time_point::max();
      for (Job& job : jobs) {
        wake = std::min(wake, job.reports.flush_due(now));
        if (job.stop_by && now >= *job.stop_by) {
          job.stop_by.reset();
          if (settings.on_overdue) settings.on_overdue(job.task.task_id);
        }
        if (job.stop_by) wake = std::min(wake, *job.stop_by);
      }
      if (jobs.empty()) {
        changed.wait(lock);
      } else {
        // A task that reports does not wake this thread: look once an interval while any runs.
        changed.wait_until(lock, std::min(wake, now + kReportInterval));
      }
    }
  }

  void cancel(Job& job, std::chrono::milliseconds grace) {
    job.stop.request_stop();
    const auto by = Clock::now() + grace + kOverdueMargin;
    if (!job.stop_by || by < *job.stop_by) job.stop_by = by;
    changed.notify_all();
  }

  const TaskRunnerSettings settings;
  ServerLink& link;
  ArtifactUploader& uploader;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::list<Job> jobs;  // running and queued
  std::deque<std::list<Job>::iterator> queue;
  bool closing = false;
  bool slots_ended = false;
  std::vector<std::thread> slots;
  std::thread timekeeper;
};

TaskRunner::TaskRunner(TaskRunnerSettings settings, ServerLink& link, ArtifactUploader& uploader)
    : impl_(std::make_unique<Impl>(std::move(settings), link, uploader)) {}

TaskRunner::~TaskRunner() = default;

void TaskRunner::start(protocol::LeasedTask task) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->jobs.emplace_back(std::move(task), impl_->link);
  impl_->queue.push_back(std::prev(impl_->jobs.end()));
  impl_->changed.notify_all();
}

void TaskRunner::cancel(const std::string& lease_id, std::chrono::milliseconds grace) {
  const std::scoped_lock lock(impl_->mutex);
  for (Job& job : impl_->jobs) {
    if (job.task.lease_id == lease_id) impl_->cancel(job, grace);
  }
}

void TaskRunner::cancel_all(std::chrono::milliseconds grace) {
  const std::scoped_lock lock(impl_->mutex);
  for (Job& job : impl_->jobs) impl_->cancel(job, grace);
}

std::size_t TaskRunner::running() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->jobs.size();
}

}  // namespace runledger::core::worker
