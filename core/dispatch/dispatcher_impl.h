// The dispatcher's thread and what it owns. Everything but post(), admit_session() and workers()
// runs on that thread.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include "core/dispatch/dispatcher.h"
#include "core/dispatch/mailbox.h"
#include "core/dispatch/worker.h"

namespace runledger::core {

class Dispatcher::Impl {
 public:
  Impl(DispatcherSettings settings, Submit submit, const ArtifactStore& artifacts,
       const CommandFactory& commands, IdSource& ids,
       std::function<void(const std::string&)> on_fatal);

  void start();
  void stop();
  void post(Mailbox::Work work) { mailbox_.post(std::move(work)); }
  std::optional<std::uint64_t> admit_session();  // nullopt: too many, or stopping
  std::size_t workers() const { return registered_; }

  void begin_stop();
  void on_connected(std::uint64_t session, std::shared_ptr<WorkerConnection> connection,
                    bool remote);
  void on_frame(std::uint64_t session, const std::string& frame);
  void on_closed(std::uint64_t session);
  void on_action(const Action& action);
  void lose(const LoseLease& lost);
  void lose_orphan(const OrphanedLease& orphan);

 private:
  void run();
  void round(std::deque<Mailbox::Work> work);
  std::optional<Mailbox::TimePoint> next_deadline() const;

  void on_message(Worker& worker, const protocol::Register& message);
  void on_message(Worker& worker, const protocol::Lease& message);
  void on_message(Worker& worker, const protocol::Reports& message);
  void on_registered(std::uint64_t session, const std::string& worker_id, const Outcome& outcome);
  void let_go(Worker& worker);
  void drop_namesake(const Worker& worker);
  void close(Worker& worker, const std::string& reason);
  void refuse(Worker& worker, const std::string& code, const std::string& reason);

  void ask_for_tasks(Worker& worker);
  void on_granted(std::uint64_t session, const Outcome& outcome);
  void give(Worker& worker, const LeasesGranted::Grant& grant);
  void stop_task(const StopTask& stop);
  void give_up(Worker& worker, const std::string& lease_id);
  void take_away(Worker& worker, const std::string& lease_id);

  void submit_reports(Worker& worker);
  bool submit_report(Worker& worker, const protocol::Report& report);
  struct ReportDone {
    std::uint64_t seq = 0;
    std::string lease_id;
    bool ends_lease = false;
  };
  void on_reported(std::uint64_t session, const ReportDone& report, const Outcome& outcome);
  void enforce_deadlines();
  void miss_heartbeats(Worker& worker, Mailbox::TimePoint now);
  void flush_acknowledgements();

  // Gives the command to the sequencer; its answer comes back to this thread.
  bool submit(Command command, std::function<void(const Outcome&)> then);
  Worker* find(std::uint64_t session);

  const DispatcherSettings settings_;
  const Submit submit_;
  const ArtifactStore& artifacts_;
  const CommandFactory& commands_;
  IdSource& ids_;
  const std::function<void(const std::string&)> on_fatal_;

  Mailbox mailbox_;
  std::thread thread_;
  std::atomic<std::size_t> sessions_ = 0;
  std::atomic<std::size_t> registered_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> next_session_ = 1;

  std::map<std::uint64_t, Worker> workers_;
  std::deque<LoseLease> losses_waiting_;                 // the sequencer's queue was full
  std::multimap<Mailbox::TimePoint, LoseLease> graces_;  // of remote workers, after a restart
};

}  // namespace runledger::core
