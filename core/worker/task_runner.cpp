#include "core/worker/task_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "core/worker/lease_ahead.h"
#include "core/worker/limits.h"
#include "core/worker/parked_tasks.h"
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
  std::stop_source kill;
  Clock::time_point since = Clock::now();
  std::optional<Clock::time_point> stop_by;  // under the runner's lock
  bool look = false;                         // it had parked: it takes no slot
  bool canceled = false;                     // its run is: the lease holds for the grace
};

using JobEntry = std::list<Job>::iterator;
using Slot = std::optional<std::uint32_t>;  // none: of a thread for looks

}  // namespace

struct TaskRunner::Impl {
  Impl(std::uint32_t slots, TaskExecutor& executes, ServerLink& to_server,
       ArtifactUploader& uploads)
      : executor(executes), link(to_server), uploader(uploads), ahead(slots), told_room(slots) {
    for (std::uint32_t i = 0; i < slots; ++i) lanes.emplace_back([this, i] { run_lane(i); });
    for (std::uint32_t i = 0; i < kLookLanes; ++i) lanes.emplace_back([this] { run_lane({}); });
    timekeeper = std::thread([this] { keep_time(); });
  }

  ~Impl() {
    {
      const std::scoped_lock lock(mutex);
      closing = true;
      wake_lanes();
    }
    for (std::thread& lane : lanes) lane.join();
    {
      const std::scoped_lock lock(mutex);
      lanes_ended = true;
      time_passes.notify_all();
    }
    timekeeper.join();
  }

  void run_lane(Slot slot) {
    std::unique_lock lock(mutex);
    while (const auto job = next(lock, slot)) {
      const std::string lease_id = (*job)->task.lease_id;
      const bool look = (*job)->look;
      const bool counts = slot && !look;
      if (counts) ahead.begun(*slot, Clock::now());
      lock.unlock();
      auto outcome = outcome_of(**job);
      lock.lock();
      if (counts) ahead.ended(*slot, Clock::now());
      tell_room();
      lock.unlock();
      const bool goes_on = conclude(**job, std::move(outcome));
      lock.lock();
      if (!goes_on) parked.forget(lease_id);
      jobs.erase(*job);
      if (goes_on) wake_lanes();  // it is due at some time
      lock.unlock();
      if (goes_on && !look) link.has_parked(lease_id);
      if (!goes_on) look ? link.has_left(lease_id) : link.slot_is_free(lease_id);
      lock.lock();
    }
  }

  // Waits for it. Nothing: there will be none any more.
  std::optional<JobEntry> next(std::unique_lock<std::mutex>& lock, Slot slot) {
    std::condition_variable& woken = slot ? slots_free : looks_due;
    for (;;) {
      if (slot && !queue.empty()) return take(queue);
      if (!endings.empty()) return take(endings);
      if (closing) return std::nullopt;
      if (auto task = parked.take_due(Clock::now())) return enter(*std::move(task));
      const auto due = parked.next_due();
      due ? static_cast<void>(woken.wait_until(lock, *due)) : woken.wait(lock);
    }
  }

  void wake_lanes() {
    slots_free.notify_all();
    looks_due.notify_all();
  }

  void tell_room() {
    const std::uint32_t room = ahead.room(Clock::now());
    if (room != std::exchange(told_room, room)) link.want(room);
  }

  static JobEntry take(std::deque<JobEntry>& from) {
    const JobEntry job = from.front();
    from.pop_front();
    return job;
  }

  JobEntry enter(protocol::LeasedTask looked_at) {
    jobs.emplace_back(std::move(looked_at), link).look = true;
    note_jobs();
    return std::prev(jobs.end());
  }

  // The timekeeper looks at them as long as there are any.
  void note_jobs() {
    if (std::exchange(timekeeper_rests, false)) time_passes.notify_all();
  }

  // Sends the final report, or parks the task: then it gives true.
  bool conclude(Job& job, protocol::ReportBody outcome) {
    auto* wait = std::get_if<protocol::PollWaitReport>(&outcome);
    if (wait == nullptr) {
      job.reports.finish(std::move(outcome));
      return false;
    }
    const auto admitted = admit(job);
    if (admitted == ParkedTasks::Parked::kNoRoom) {
      job.reports.finish(std::move(outcome));
      return false;
    }
    if (admitted == ParkedTasks::Parked::kFirst) {
      protocol::PollWaitReport kept = *wait;
      kept.keep_lease = true;
      job.reports.finish(kept);
    }
    if (park(job, *wait)) return true;
    job.reports.finish(protocol::CanceledReport{});
    return false;
  }

  ParkedTasks::Parked admit(const Job& job) {
    const std::scoped_lock lock(mutex);
    return parked.admit(job.task, Clock::now());
  }

  // Not one that is to stop, or a worker that is to leave.
  bool park(Job& job, const protocol::PollWaitReport& wait) {
    const std::scoped_lock lock(mutex);
    if (leaving || job.stop.stop_requested()) return false;
    parked.park(job.task, wait, Clock::now());
    return true;
  }

  protocol::ReportBody outcome_of(Job& job) {
    // It may have been told to stop before it had a slot.
    protocol::ReportBody outcome = protocol::CanceledReport{};
    if (!job.stop.stop_requested()) outcome = run(job);
    cancel_remote(job);
    return outcome;
  }

  // Has the executor tell providers that the jobs they have are not wanted, while there is time.
  void cancel_remote(Job& job) {
    const auto& memos = job.task.memos;
    const bool has_jobs = std::any_of(memos.begin(), memos.end(),
                                      [](const auto& memo) { return memo.kind == "remote"; });
    if (!has_jobs || !is_canceled(job) || job.kill.stop_requested()) return;
    protocol::LeasedTask of_jobs = job.task;
    of_jobs.canceling = true;
    ServerTaskLink to_server(of_jobs, link, uploader, job.reports, std::stop_token{});
    executor.run(of_jobs, to_server, {std::stop_token{}, job.kill.get_token()});
  }

  bool is_canceled(const Job& job) const {
    const std::scoped_lock lock(mutex);
    return job.canceled;
  }

  protocol::ReportBody run(Job& job) {
    ServerTaskLink to_server(job.task, link, uploader, job.reports, job.stop.get_token());
    const auto begun = Clock::now();
    auto outcome = executor.run(job.task, to_server, {job.stop.get_token(), job.kill.get_token()});
    // Short tasks are many, and a look is no news: what went well needs no line.
    const auto took = Clock::now() - begun;
    const bool quiet = job.look || (took < kAheadTime &&
                                    std::holds_alternative<protocol::SucceededReport>(outcome));
    spdlog::log(quiet ? spdlog::level::debug : spdlog::level::info,
                "task {} ({}), attempt {}: {} after {:.3f} s", job.task.task_id, job.task.task_type,
                job.task.attempt, name_of(outcome), std::chrono::duration<double>(took).count());
    for (auto& memo : to_server.take_recorded()) job.task.memos.push_back(std::move(memo));
    return outcome;
  }

  static std::string name_of(const protocol::ReportBody& outcome) {
    if (std::holds_alternative<protocol::SucceededReport>(outcome)) return "succeeded";
    if (std::holds_alternative<protocol::CanceledReport>(outcome)) return "canceled";
    const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
    return failed ? "failed: " + failed->code : "waits";
  }

  // Sends what tasks left waiting, watches over those that were told to stop, and gives back what
  // waits too long to begin.
  void keep_time() {
    std::unique_lock lock(mutex);
    while (!lanes_ended) {
      const auto now = Clock::now();
      const auto wake = watch_jobs(now);
      tell_room();
      give_back_since(now - kUnbegunTime);
      if (jobs.empty()) {
        timekeeper_rests = true;
        time_passes.wait(lock, [this] { return lanes_ended || !timekeeper_rests; });
      } else {
        // A task that reports does not wake this thread: look once an interval while any runs.
        time_passes.wait_until(lock, std::min(wake, now + kReportInterval));
      }
    }
  }

  // When to look again at the latest.
  Clock::time_point watch_jobs(Clock::time_point now) {
    auto wake = Clock::time_point::max();
    for (Job& job : jobs) {
      wake = std::min(wake, job.reports.flush_due(now));
      if (job.stop_by && now >= *job.stop_by) {
        job.stop_by.reset();
        spdlog::warn("task {} did not stop in time: its process is ended", job.task.task_id);
        job.kill.request_stop();
      }
      if (job.stop_by) wake = std::min(wake, *job.stop_by);
    }
    return wake;
  }

  // What has been waiting since then or longer, and would still have to. For the others there are
  // slots, which are about to take them.
  void give_back_since(Clock::time_point since) {
    std::vector<std::string> lease_ids;
    for (auto each = queue.begin(); each != queue.end() && (*each)->since <= since; ++each) {
      lease_ids.push_back((*each)->task.lease_id);
    }
    const std::size_t first = std::min(ahead.free_slots(), queue.size());
    if (lease_ids.size() <= first) return;
    lease_ids.erase(lease_ids.begin(), lease_ids.begin() + static_cast<std::ptrdiff_t>(first));
    const auto begin = queue.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(lease_ids.size());
    for (auto each = begin; each != end; ++each) jobs.erase(*each);
    queue.erase(begin, end);
    link.give_back(std::move(lease_ids));
  }

  // By a lane: who has the lock must not wait for the network.
  void end_parked(const std::string& lease_id, std::optional<std::chrono::milliseconds> grace) {
    auto task = parked.take(lease_id);
    if (!task) return;
    const JobEntry job = enter(*std::move(task));
    grace ? cancel(job, *grace) : static_cast<void>(job->stop.request_stop());
    endings.push_back(job);
    wake_lanes();
  }

  // One that has not begun needs no slot to end. With no more than that grace its lease is over.
  void cancel(JobEntry job, std::chrono::milliseconds grace) {
    job->canceled = grace > kFencedGrace;
    job->stop.request_stop();
    const auto by = Clock::now() + grace;
    if (!job->stop_by || by < *job->stop_by) job->stop_by = by;
    if (std::erase(queue, job) > 0) {
      endings.push_back(job);
      wake_lanes();
    }
    time_passes.notify_all();
  }

  void cancel_all(std::chrono::milliseconds grace) {
    for (auto job = jobs.begin(); job != jobs.end(); ++job) cancel(job, grace);
    for (const std::string& lease_id : parked.leases()) end_parked(lease_id, grace);
  }

  TaskExecutor& executor;
  ServerLink& link;
  ArtifactUploader& uploader;
  mutable std::mutex mutex;
  std::condition_variable slots_free;   // for lanes of slots: there is something for them
  std::condition_variable looks_due;    // for the others
  std::condition_variable time_passes;  // for the timekeeper
  std::list<Job> jobs;                  // running and queued, not parked
  std::deque<JobEntry> queue;
  std::deque<JobEntry> endings;  // had parked, and are told to stop
  ParkedTasks parked;
  LeaseAhead ahead;
  std::uint32_t told_room;
  bool timekeeper_rests = false;
  bool closing = false;
  bool leaving = false;
  bool lanes_ended = false;
  std::vector<std::thread> lanes;
  std::thread timekeeper;
};

TaskRunner::TaskRunner(std::uint32_t slots, TaskExecutor& executor, ServerLink& link,
                       ArtifactUploader& uploader)
    : impl_(std::make_unique<Impl>(slots, executor, link, uploader)) {}

TaskRunner::~TaskRunner() = default;

void TaskRunner::start(std::vector<protocol::LeasedTask> tasks) {
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->leaving) {
    std::vector<std::string> unwanted;
    for (const protocol::LeasedTask& task : tasks) unwanted.push_back(task.lease_id);
    return impl_->link.give_back(std::move(unwanted));
  }
  for (protocol::LeasedTask& task : tasks) {
    impl_->jobs.emplace_back(std::move(task), impl_->link);
    impl_->queue.push_back(std::prev(impl_->jobs.end()));
    impl_->slots_free.notify_one();
  }
  impl_->note_jobs();
}

void TaskRunner::start(protocol::LeasedTask task) {
  std::vector<protocol::LeasedTask> one;
  one.push_back(std::move(task));
  start(std::move(one));
}

void TaskRunner::cancel(const std::string& lease_id, std::chrono::milliseconds grace) {
  const std::scoped_lock lock(impl_->mutex);
  for (auto job = impl_->jobs.begin(); job != impl_->jobs.end(); ++job) {
    if (job->task.lease_id == lease_id) impl_->cancel(job, grace);
  }
  impl_->end_parked(lease_id, grace);
}

void TaskRunner::cancel_all(std::chrono::milliseconds grace) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->cancel_all(grace);
}

void TaskRunner::give_back_unbegun() {
  const std::scoped_lock lock(impl_->mutex);
  impl_->leaving = true;
  impl_->give_back_since(Clock::time_point::max());
  for (const std::string& lease_id : impl_->parked.leases()) {
    impl_->end_parked(lease_id, std::nullopt);
  }
}

std::size_t TaskRunner::running() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->jobs.size();
}

}  // namespace runledger::core::worker
