// The dispatcher's dealing with tasks: leasing them out, passing on what is reported of them,
// stopping.
#include <utility>

#include "core/dispatch/dispatcher_impl.h"
#include "core/dispatch/report_command.h"
#include "core/dispatch/task_input.h"

namespace runledger::core {
namespace {

constexpr std::chrono::milliseconds kHeartbeatRetry{20};
constexpr std::chrono::milliseconds kStopMargin{500};

}  // namespace

void Dispatcher::Impl::ask_for_tasks(Worker& worker) {
  if (!worker.should_ask() || stopping_) return;
  GrantLeases grant{worker.worker_id, worker.name, worker.remote, worker.types, {}};
  for (std::uint32_t i = 0; i < worker.credits; ++i) grant.lease_ids.push_back(ids_.make("lease"));
  const auto session = worker.session;
  if (!submit(commands_.from_worker(worker.name, std::move(grant)),
              [this, session](const Outcome& outcome) { on_granted(session, outcome); })) {
    return;  // asked again in the next round
  }
  worker.grant_in_flight = true;
  worker.wake = false;
}

void Dispatcher::Impl::on_granted(std::uint64_t session, const Outcome& outcome) {
  const auto* reply = std::get_if<CommandReply>(&outcome);
  const auto* granted = reply == nullptr ? nullptr : std::get_if<LeasesGranted>(reply);
  Worker* worker = find(session);
  if (worker != nullptr) worker->grant_in_flight = false;
  if (granted == nullptr) return;
  for (const LeasesGranted::Grant& grant : granted->grants) {
    if (worker == nullptr) {
      lose({grant.run_id, grant.task_id, grant.lease_id, "worker_lost", false});
    } else {
      give(*worker, grant);
    }
  }
}

void Dispatcher::Impl::give(Worker& worker, const LeasesGranted::Grant& grant) {
  if (worker.credits > 0) --worker.credits;
  HeldLease& held = worker.leases[grant.lease_id];
  held.run_id = grant.run_id;
  held.task_id = grant.task_id;
  held.heartbeat = std::chrono::milliseconds(grant.heartbeat_ms);
  held.heard(std::chrono::steady_clock::now());
  worker.watch(grant.lease_id, held);
  worker.send(protocol::Leased{{leased_task(grant)}});
}

void Dispatcher::Impl::on_action(const Action& action) {
  if (const auto* stop = std::get_if<StopTask>(&action)) return stop_task(*stop);
  const auto* wake = std::get_if<WakeWorkers>(&action);
  if (wake == nullptr) return;
  for (auto& [session, worker] : workers_) {
    for (const auto& type : worker.types) {
      if (type.name == wake->task_type) worker.wake = true;
    }
  }
}

void Dispatcher::Impl::stop_task(const StopTask& stop) {
  for (auto& [session, worker] : workers_) {
    const auto held = worker.leases.find(stop.lease_id);
    if (held == worker.leases.end()) continue;
    if (stop.lease_ended) {
      worker.leases.erase(held);
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
  if (stop.lease_ended) return;
  // Nobody has it: the worker's connection is gone, or the lease was on its way to it.
  lose({stop.run_id, stop.task_id, stop.lease_id, "worker_lost", false});
}

void Dispatcher::Impl::lose(const LoseLease& lost) {
  losses_waiting_.push_back(lost);
}

void Dispatcher::Impl::lose_orphan(const OrphanedLease& orphan) {
  if (!orphan.remote) return lose(orphan.lost);
  const std::chrono::milliseconds grace(settings_.remote_grace_ms);
  graces_.emplace(std::chrono::steady_clock::now() + grace, orphan.lost);
}

// The lease is of no use any more. Should the log still show it as held, it is lost there too.
void Dispatcher::Impl::give_up(Worker& worker, const std::string& lease_id) {
  const auto held = worker.leases.find(lease_id);
  if (held == worker.leases.end()) return;
  lose({held->second.run_id, held->second.task_id, lease_id, "report_refused", true});
  worker.leases.erase(held);
}

void Dispatcher::Impl::take_away(Worker& worker, const std::string& lease_id) {
  const HeldLease held = worker.leases.at(lease_id);
  worker.leases.erase(lease_id);
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
  while (!graces_.empty() && graces_.begin()->first <= now) {
    lose(graces_.begin()->second);
    graces_.erase(graces_.begin());
  }
}

// The decision is the sequencer's; it has the task stopped, too.
void Dispatcher::Impl::miss_heartbeats(Worker& worker, Mailbox::TimePoint now) {
  for (const std::string& lease_id : worker.watched) {
    const auto lease = worker.leases.find(lease_id);
    if (lease == worker.leases.end()) continue;
    HeldLease& held = lease->second;
    if (!held.silent_by || *held.silent_by > now) continue;
    const MissHeartbeat missed{{held.run_id, held.task_id, lease_id}};
    if (submit_(commands_.from_system(missed), [](const Outcome&) {})) {
      held.silent_by.reset();
    } else {
      held.silent_by = now + kHeartbeatRetry;  // the queue is full
    }
  }
}

// --- reports ---

void Dispatcher::Impl::submit_reports(Worker& worker) {
  while (!worker.reports_waiting.empty()) {
    if (!submit_report(worker, worker.reports_waiting.front())) return;
    worker.reports_waiting.pop_front();
  }
}

// False: the sequencer's queue is full, try again.
bool Dispatcher::Impl::submit_report(Worker& worker, const protocol::Report& report) {
  const auto held = worker.leases.find(report.lease_id);
  if (held == worker.leases.end()) {
    worker.send(protocol::Fenced{report.lease_id, "this session does not hold that lease"});
    worker.acknowledgements.push_back({report.seq, {}});
    return true;
  }
  if (held->second.run_id != report.run_id || held->second.task_id != report.task_id) {
    refuse(worker, "protocol_error", "the lease is of another task than the report says");
    return true;
  }
  held->second.reported = true;
  if (const auto* poll = std::get_if<protocol::PollWaitReport>(&report.body)) {
    held->second.parked = poll->keep_lease;
  } else if (std::holds_alternative<protocol::StepReport>(report.body)) {
    held->second.parked = false;
  }
  held->second.heard(std::chrono::steady_clock::now());
  worker.watch(report.lease_id, held->second);
  auto command = command_of(report, artifacts_, ids_);
  bool ends_lease = is_final(report.body);
  if (const auto* unusable = std::get_if<UnusableReport>(&command)) {
    ends_lease = true;
    command =
        FailTask{{report.run_id, report.task_id, report.lease_id},
                 {"bad_report", "The worker's report was not taken: " + unusable->reason, false}};
  }
  const auto session = worker.session;
  const bool queued =
      submit(commands_.from_worker(worker.name, std::get<CommandBody>(std::move(command))),
             [this, session, seq = report.seq, lease_id = report.lease_id,
              ends_lease](const Outcome& outcome) {
               on_reported(session, {seq, lease_id, ends_lease}, outcome);
             });
  if (queued) ++worker.reports_in_flight;
  return queued;
}

void Dispatcher::Impl::on_reported(std::uint64_t session, const ReportDone& report,
                                   const Outcome& outcome) {
  Worker* worker = find(session);
  if (worker == nullptr) return;
  --worker->reports_in_flight;
  protocol::Acknowledgement done{report.seq, {}};
  if (const auto* rejection = std::get_if<Rejection>(&outcome)) {
    if (rejection->code == RejectionCode::kOutcomeUnknown ||
        rejection->code == RejectionCode::kQueueFull) {
      return;  // the engine has stopped
    }
    give_up(*worker, report.lease_id);
    worker->send(protocol::Fenced{report.lease_id, rejection->reason});
  } else if (const auto* stored = std::get_if<ResourceStored>(&std::get<CommandReply>(outcome))) {
    done.resource_id = stored->resource_id;
  } else if (const auto* key = std::get_if<RemoteKey>(&std::get<CommandReply>(outcome))) {
    done.idempotency_key = key->idempotency_key;
  }
  if (report.ends_lease && worker->leases.erase(report.lease_id) > 0) {
    worker->send(protocol::Fenced{report.lease_id, "the task has ended"});
  }
  worker->acknowledgements.push_back(std::move(done));
}

void Dispatcher::Impl::flush_acknowledgements() {
  for (auto& [session, worker] : workers_) {
    if (worker.acknowledgements.empty()) continue;
    worker.send(protocol::Acknowledged{std::exchange(worker.acknowledgements, {})});
  }
}

}  // namespace runledger::core
