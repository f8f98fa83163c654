// The dispatcher's passing on of what workers report.
#include <utility>

#include "core/dispatch/dispatcher_impl.h"
#include "core/dispatch/report_command.h"

namespace runledger::core {

void Dispatcher::Impl::on_message(Worker& worker, const protocol::Reports& message) {
  if (worker.reports_in_flight + message.reports.size() > protocol::kReportsInFlightMax) {
    return refuse(worker, "protocol_error",
                  "more than " + std::to_string(protocol::kReportsInFlightMax) +
                      " reports not yet acknowledged");
  }
  for (const protocol::Report& report : message.reports) {
    if (worker.closing) return;
    take_report(worker, report);
  }
}

void Dispatcher::Impl::take_report(Worker& worker, const protocol::Report& report) {
  if (!may_report(worker, report)) return;
  auto command = command_of(report, artifacts_, ids_);
  const bool by_worker = is_final(report.body);
  bool ends_lease = by_worker;
  if (const auto* unusable = std::get_if<UnusableReport>(&command)) {
    ends_lease = true;
    command =
        FailTask{{report.run_id, report.task_id, report.lease_id},
                 {"bad_report", "The worker's report was not taken: " + unusable->reason, false}};
  }
  note_report(worker, report, ends_lease);
  ++worker.reports_in_flight;
  submit(commands_.reported(worker.name, report.lease_id, report.number,
                            std::get<CommandBody>(std::move(command))),
         [this, session = worker.session,
          done = ReportDone{report.seq, report.lease_id, ends_lease, by_worker}](
             const Outcome& outcome) { on_reported(session, done, outcome); });
}

bool Dispatcher::Impl::may_report(Worker& worker, const protocol::Report& report) {
  if (worker.settling.contains(report.lease_id)) return true;
  const auto held = worker.leases.find(report.lease_id);
  if (held == worker.leases.end()) {
    worker.send(protocol::Fenced{report.lease_id, "this session does not hold that lease"});
    worker.acknowledgements.push_back({report.seq, {}});
    return false;
  }
  if (held->second.run_id != report.run_id || held->second.task_id != report.task_id) {
    refuse(worker, "protocol_error", "the lease is of another task than the report says");
    return false;
  }
  return true;
}

void Dispatcher::Impl::note_report(Worker& worker, const protocol::Report& report,
                                   bool ends_lease) {
  const auto found = worker.leases.find(report.lease_id);
  if (found == worker.leases.end()) return;
  HeldLease& held = found->second;
  held.reported = true;
  if (const auto* poll = std::get_if<protocol::PollWaitReport>(&report.body)) {
    held.parked = poll->keep_lease;
  } else if (std::holds_alternative<protocol::StepReport>(report.body)) {
    held.parked = false;
  }
  held.ending = ends_lease;
  if (ends_lease || held.parked) worker.wake = true;  // there is room
  held.heard(std::chrono::steady_clock::now());
  worker.watch(report.lease_id, held);
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
  if (report.ends_lease) {
    worker->settling.erase(report.lease_id);
    const bool held = worker->leases.erase(report.lease_id) > 0;
    if (held && !report.by_worker) {
      worker->send(protocol::Fenced{report.lease_id, "the task has ended"});
    }
    worker->wake = true;
  }
  worker->acknowledgements.push_back(std::move(done));
}

// The lease is of no use any more. Should the log still show it as held, it is lost there too.
void Dispatcher::Impl::give_up(Worker& worker, const std::string& lease_id) {
  const auto held = worker.leases.find(lease_id);
  if (held == worker.leases.end()) return;
  lose({held->second.run_id, held->second.task_id, lease_id, "report_refused", true});
  worker.leases.erase(held);
  worker.wake = true;
}

void Dispatcher::Impl::flush_acknowledgements() {
  for (auto& [session, worker] : workers_) {
    if (worker.acknowledgements.empty()) continue;
    worker.send(protocol::Acknowledged{std::exchange(worker.acknowledgements, {})});
  }
}

}  // namespace runledger::core
