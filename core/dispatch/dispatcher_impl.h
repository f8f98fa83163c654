// The dispatcher's thread and what it owns. Everything but post(), wake(), admit_session() and
// workers() runs on that thread.
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
  void wake() { mailbox_.wake(); }
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

  // --- sessions ---
  void on_message(Worker& worker, const protocol::Register& message);
  void on_message(Worker& worker, const protocol::Lease& message);
  void on_message(Worker& worker, const protocol::Return& message);
  void on_message(Worker& worker, const protocol::Reports& message);
  void on_registered(std::uint64_t session, const std::string& worker_id, const Outcome& outcome);
  void let_go(Worker& worker);
  void drop_namesake(const Worker& worker);
  void close(Worker& worker, const std::string& reason);
  void refuse(Worker& worker, const std::string& code, const std::string& reason);

  // --- leases of workers that are away (dispatcher_leases.cpp) ---
  // A lease whose worker has gone, and may come again.
  struct Adrift {
    HeldLease held;
    std::string worker_name;
    std::string reason;  // should it not come
    bool charged = false;
    Mailbox::TimePoint until;
  };
  void leave(Worker& worker);
  void set_adrift(const std::string& lease_id, Adrift adrift);
  std::vector<std::string> claim(Worker& worker, const std::vector<protocol::HeldTask>& held);
  void lose_adrift(const std::string& lease_id, const Adrift& adrift);
  bool stop_adrift(const StopTask& stop);
  void end_graces(Mailbox::TimePoint now);

  // --- tasks ---
  void ask_for_tasks(Worker& worker);
  void on_granted(std::uint64_t session, std::size_t asked, const Outcome& outcome);
  void give(Worker& worker, const std::vector<LeasesGranted::Grant>& grants);
  void stop_task(const StopTask& stop);
  void take_away(Worker& worker, const std::string& lease_id);
  void end_lease(std::uint64_t session, const std::string& lease_id);
  void enforce_deadlines();
  void miss_heartbeats(Worker& worker, Mailbox::TimePoint now);

  // --- reports ---
  struct ReportDone {
    std::uint64_t seq = 0;
    std::string lease_id;
    bool ends_lease = false;
    bool by_worker = false;  // its task has ended there
  };
  void take_report(Worker& worker, const protocol::Report& report);
  bool may_report(Worker& worker, const protocol::Report& report);
  void note_report(Worker& worker, const protocol::Report& report, bool ends_lease);
  void on_reported(std::uint64_t session, const ReportDone& report, const Outcome& outcome);
  void give_up(Worker& worker, const std::string& lease_id);
  void flush_acknowledgements();

  // Gives the command to the sequencer in its turn; its answer comes back to this thread.
  void submit(Command command, std::function<void(const Outcome&)> then);
  void submit(Command command);  // whatever comes of it
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
  // What a round has for the sequencer goes to it together, in order. Bounded by what it is made
  // of: reports and grants of sessions, and leases.
  std::deque<Submission> outbox_;
  std::map<std::string, Adrift> adrift_;                                 // by lease
  std::deque<std::pair<Mailbox::TimePoint, std::string>> adrift_until_;  // in order; some are stale
};

}  // namespace runledger::core
