// The dispatcher's dealing with tasks: leasing them out, taking them back, stopping.
#include <algorithm>
#include <utility>

#include "core/dispatch/dispatcher_impl.h"
#include "core/dispatch/task_input.h"

namespace runledger::core {
namespace {

constexpr std::chrono::milliseconds kStopMargin{500};
constexpr std::size_t kLeasedFrameBytes = 4 * 1024 * 1024;  // a frame more, beyond it

std::size_t bytes_of(const protocol::LeasedTask& task) {
  std::size_t bytes = task.input.size() + task.session.size();
  for (const protocol::TaskMemo& memo : task.memos) bytes += memo.name.size() + memo.result.size();
  return bytes;
}

}  // namespace

void Dispatcher::Impl::ask_for_tasks(Worker& worker) {
  if (!worker.should_ask() || stopping_) return;
  worker.wake = false;
  const std::uint32_t asked = std::min(worker.free_room(), kGrantTasksMax);
  if (asked == 0) return;
  GrantLeases grant{worker.worker_id, worker.name, worker.remote, worker.offers_now(), {}};
  for (std::uint32_t i = 0; i < asked; ++i) grant.lease_ids.push_back(ids_.make("lease"));
  worker.grant_in_flight = true;
  submit(commands_.from_worker(worker.name, std::move(grant)),
         [this, session = worker.session, asked](const Outcome& outcome) {
           on_granted(session, asked, outcome);
         });
}

void Dispatcher::Impl::on_granted(std::uint64_t session, std::size_t asked,
                                  const Outcome& outcome) {
  const auto* reply = std::get_if<CommandReply>(&outcome);
  const auto* granted = reply == nullptr ? nullptr : std::get_if<LeasesGranted>(reply);
  Worker* worker = find(session);
  if (worker != nullptr) worker->grant_in_flight = false;
  if (granted == nullptr) return;
  if (worker != nullptr && !worker->closing) {
    give(*worker, granted->grants);
    if (granted->grants.size() == asked) worker->wake = true;  // there may be more
    return;
  }
  for (const LeasesGranted::Grant& grant : granted->grants) {
    lose({grant.run_id, grant.task_id, grant.lease_id, std::string(kNotBegun), false});
  }
}

void Dispatcher::Impl::give(Worker& worker, const std::vector<LeasesGranted::Grant>& grants) {
  const auto now = std::chrono::steady_clock::now();
  protocol::Leased frame;
  std::size_t bytes = 0;
  for (const LeasesGranted::Grant& grant : grants) {
    HeldLease& held = worker.leases[grant.lease_id];
    held.run_id = grant.run_id;
    held.task_id = grant.task_id;
    held.task_type = grant.task_type;
    held.heartbeat = std::chrono::milliseconds(grant.heartbeat_ms);
    held.heard(now);
    worker.watch(grant.lease_id, held);
    frame.tasks.push_back(leased_task(grant));
    bytes += bytes_of(frame.tasks.back());
    if (bytes < kLeasedFrameBytes) continue;
    worker.send(std::exchange(frame, {}));
    bytes = 0;
  }
  if (!frame.tasks.empty()) worker.send(frame);
}

void Dispatcher::Impl::on_message(Worker& worker, const protocol::Return& message) {
  for (const std::string& lease_id : message.lease_ids) {
    const auto held = worker.leases.find(lease_id);
    if (held == worker.leases.end() || held->second.ending) continue;
    held->second.ending = true;
    const LeaseRef lease{held->second.run_id, held->second.task_id, lease_id};
    submit(commands_.from_worker(worker.name, ReturnLease{lease}),
           [this, session = worker.session, lease_id](const Outcome&) {
             end_lease(session, lease_id);
           });
  }
}

void Dispatcher::Impl::end_lease(std::uint64_t session, const std::string& lease_id) {
  Worker* worker = find(session);
  if (worker == nullptr || worker->leases.erase(lease_id) == 0) return;
  worker->wake = true;
}

void Dispatcher::Impl::on_action(const Action& action) {
  if (const auto* stop = std::get_if<StopTask>(&action)) return stop_task(*stop);
  const auto* wake = std::get_if<WakeWorkers>(&action);
  if (wake == nullptr) return;
  for (auto& [session, worker] : workers_) {
    for (const OfferedType& type : worker.types) {
      if (type.offer.name == wake->task_type) worker.wake = true;
    }
  }
}

void Dispatcher::Impl::stop_task(const StopTask& stop) {
  for (auto& [session, worker] : workers_) {
    const auto held = worker.leases.find(stop.lease_id);
    if (held == worker.leases.end()) continue;
    if (stop.lease_ended) {
      worker.leases.erase(held);
      worker.wake = true;
      worker.send(protocol::Fenced{stop.lease_id, "the lease has ended"});
      return;
    }
    // The worker ends what does not stop by itself, and says so within the margin.
    held->second.stop_by = std::chrono::steady_clock::now() +
                           std::chrono::milliseconds(settings_.cancel_grace_ms) + kStopMargin;
    worker.watch(stop.lease_id, held->second);
    worker.send(protocol::Cancel{stop.lease_id, settings_.cancel_grace_ms});
    return;
  }
  if (stop_adrift(stop) || stop.lease_ended) return;
  // Nobody has it: the lease was on its way to a worker that has gone.
  lose({stop.run_id, stop.task_id, stop.lease_id, std::string(kWorkerLost), false});
}

void Dispatcher::Impl::take_away(Worker& worker, const std::string& lease_id) {
  const HeldLease held = worker.leases.at(lease_id);
  worker.leases.erase(lease_id);
  worker.wake = true;
  worker.send(protocol::Fenced{lease_id, "the task did not stop when it was asked to"});
  lose({held.run_id, held.task_id, lease_id, "cancel_ignored", false});
}

void Dispatcher::Impl::enforce_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  for (auto& [session, worker] : workers_) {
    std::vector<std::string> due;
    std::erase_if(worker.watched, [&](const std::string& lease_id) {
      const auto lease = worker.leases.find(lease_id);
      if (lease == worker.leases.end()) return true;
      if (lease->second.stop_by && *lease->second.stop_by <= now) due.push_back(lease_id);
      return !lease->second.stop_by && !lease->second.silent_by;
    });
    for (const std::string& lease_id : due) take_away(worker, lease_id);
    miss_heartbeats(worker, now);
  }
  end_graces(now);
}

// The decision is the sequencer's; it has the task stopped, too.
void Dispatcher::Impl::miss_heartbeats(Worker& worker, Mailbox::TimePoint now) {
  for (const std::string& lease_id : worker.watched) {
    const auto lease = worker.leases.find(lease_id);
    if (lease == worker.leases.end()) continue;
    HeldLease& held = lease->second;
    if (!held.silent_by || *held.silent_by > now) continue;
    submit(commands_.from_system(MissHeartbeat{{held.run_id, held.task_id, lease_id}}));
    held.silent_by.reset();
  }
}

}  // namespace runledger::core
