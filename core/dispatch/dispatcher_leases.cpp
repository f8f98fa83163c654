// What becomes of leases whose worker is away: those of the server's own workers are lost at once,
// for these are gone; those of others stay theirs for a grace.
#include <utility>

#include "core/dispatch/dispatcher_impl.h"

namespace runledger::core {

void Dispatcher::Impl::lose(const LoseLease& lost) {
  submit(commands_.from_system(lost));
}

void Dispatcher::Impl::lose_orphan(const OrphanedLease& orphan) {
  if (!orphan.remote) return lose(orphan.lost);
  HeldLease held;
  held.run_id = orphan.lost.run_id;
  held.task_id = orphan.lost.task_id;
  held.task_type = orphan.task_type;
  held.heartbeat = std::chrono::milliseconds(orphan.heartbeat_ms);
  held.parked = orphan.parked;
  set_adrift(orphan.lost.lease_id,
             {std::move(held), orphan.worker_name, orphan.lost.reason, orphan.lost.charged, {}});
}

// Its connection has gone, or counts no more. When the server is stopping, a worker that is not its
// own comes again after the restart: the log says what it has.
void Dispatcher::Impl::leave(Worker& worker) {
  for (auto& [lease_id, held] : std::exchange(worker.leases, {})) {
    if (worker.remote && !stopping_) {
      const bool charged = held.reported;
      set_adrift(lease_id, {held, worker.name, std::string(kWorkerLost), charged, {}});
    } else if (!worker.remote) {
      const std::string reason(stopping_ ? "server_stopping" : kWorkerLost);
      lose({held.run_id, held.task_id, lease_id, reason, held.reported && !stopping_});
    }
  }
}

void Dispatcher::Impl::set_adrift(const std::string& lease_id, Adrift adrift) {
  adrift.held.ending = false;
  adrift.held.stop_by.reset();
  adrift.held.silent_by.reset();
  adrift.until =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(settings_.worker_grace_ms);
  adrift_until_.emplace_back(adrift.until, lease_id);
  adrift_.insert_or_assign(lease_id, std::move(adrift));
}

// Gives those that it held and that do not hold any more. What else was its own it does not have:
// it has been started anew.
std::vector<std::string> Dispatcher::Impl::claim(Worker& worker,
                                                 const std::vector<protocol::HeldTask>& tasks) {
  std::vector<std::string> fenced;
  const auto now = std::chrono::steady_clock::now();
  for (const protocol::HeldTask& task : tasks) {
    const auto found = adrift_.find(task.lease_id);
    const bool its_own = found != adrift_.end() && found->second.worker_name == worker.name &&
                         found->second.held.run_id == task.run_id &&
                         found->second.held.task_id == task.task_id;
    if (its_own) {
      HeldLease& held = worker.leases[task.lease_id] = std::move(found->second.held);
      adrift_.erase(found);
      held.heard(now);
      worker.watch(task.lease_id, held);
    } else if (task.ended) {
      worker.settling.insert(task.lease_id);
    } else {
      fenced.push_back(task.lease_id);
    }
  }
  std::erase_if(adrift_, [&](const auto& each) {
    if (each.second.worker_name != worker.name) return false;
    lose_adrift(each.first, each.second);
    return true;
  });
  return fenced;
}

void Dispatcher::Impl::lose_adrift(const std::string& lease_id, const Adrift& adrift) {
  lose({adrift.held.run_id, adrift.held.task_id, lease_id, adrift.reason, adrift.charged});
}

// Whoever has it does not hear of it now. False: it is not adrift.
bool Dispatcher::Impl::stop_adrift(const StopTask& stop) {
  const auto found = adrift_.find(stop.lease_id);
  if (found == adrift_.end()) return false;
  if (!stop.lease_ended) lose_adrift(stop.lease_id, found->second);
  adrift_.erase(found);
  return true;
}

void Dispatcher::Impl::end_graces(Mailbox::TimePoint now) {
  while (!adrift_until_.empty() && adrift_until_.front().first <= now) {
    const auto [until, lease_id] = std::move(adrift_until_.front());
    adrift_until_.pop_front();
    const auto found = adrift_.find(lease_id);
    if (found == adrift_.end() || found->second.until != until) continue;
    lose_adrift(lease_id, found->second);
    adrift_.erase(found);
  }
}

}  // namespace runledger::core
