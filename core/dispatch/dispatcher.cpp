#include "core/dispatch/dispatcher.h"

#include <atomic>

#include "core/dispatch/dispatcher_impl.h"

namespace runledger::core {
namespace {

// Runs on the edge's thread: hands each frame over and closes a session that sends faster than it
// is looked at.
class Session final : public WorkerSession {
 public:
  Session(std::shared_ptr<Dispatcher::Impl> dispatcher, std::uint64_t id,
          std::shared_ptr<WorkerConnection> connection)
      : dispatcher_(std::move(dispatcher)), id_(id), connection_(std::move(connection)) {}

  void on_message(std::string_view frame) override {
    const std::size_t messages = ++backlog_->messages;
    const std::size_t bytes = backlog_->bytes += frame.size();
    if (messages > kSessionMessagesMax || bytes > kSessionBytesMax) {
      connection_->close("more is waiting than is looked at");
      return;
    }
    dispatcher_->post(
        [impl = dispatcher_.get(), id = id_, backlog = backlog_, text = std::string(frame)] {
          impl->on_frame(id, text);
          --backlog->messages;
          backlog->bytes -= text.size();
        });
  }
  void on_closed() override {
    dispatcher_->post([impl = dispatcher_.get(), id = id_] { impl->on_closed(id); });
  }

 private:
  std::shared_ptr<Dispatcher::Impl> dispatcher_;
  const std::uint64_t id_;
  std::shared_ptr<WorkerConnection> connection_;
  struct Backlog {
    std::atomic<std::size_t> messages = 0;
    std::atomic<std::size_t> bytes = 0;
  };
  const std::shared_ptr<Backlog> backlog_ = std::make_shared<Backlog>();
};

}  // namespace

Dispatcher::Dispatcher(DispatcherSettings settings, Submit submit, const ArtifactStore& artifacts,
                       const CommandFactory& commands, IdSource& ids,
                       std::function<void(const std::string&)> on_fatal)
    : impl_(std::make_shared<Impl>(settings, std::move(submit), artifacts, commands, ids,
                                   std::move(on_fatal))) {}

Dispatcher::~Dispatcher() {
  stop();
}

void Dispatcher::start() {
  impl_->start();
}
void Dispatcher::begin_stop() {
  impl_->post([impl = impl_.get()] { impl->begin_stop(); });
}
void Dispatcher::stop() {
  impl_->stop();
}

std::shared_ptr<WorkerSession> Dispatcher::connect(const Principal& principal,
                                                   std::shared_ptr<WorkerConnection> connection) {
  const auto id = impl_->admit_session();
  if (!id) return nullptr;
  const bool remote = principal.token_id != kLocalTokenId;
  impl_->post([impl = impl_.get(), id = *id, connection, remote] {
    impl->on_connected(id, connection, remote);
  });
  return std::make_shared<Session>(impl_, *id, connection);
}

void Dispatcher::on_answered() {
  impl_->wake();
}

void Dispatcher::on_actions(std::span<const Action> actions) {
  std::vector<Action> mine;
  for (const Action& action : actions) {
    if (std::holds_alternative<WakeWorkers>(action) || std::holds_alternative<StopTask>(action)) {
      mine.push_back(action);
    }
  }
  if (mine.empty()) return;
  impl_->post([impl = impl_.get(), mine = std::move(mine)] {
    for (const Action& action : mine) impl->on_action(action);
  });
}

void Dispatcher::lose_orphans(const std::vector<OrphanedLease>& orphans) {
  impl_->post([impl = impl_.get(), orphans] {
    for (const OrphanedLease& orphan : orphans) impl->lose_orphan(orphan);
  });
}

std::size_t Dispatcher::workers() const {
  return impl_->workers();
}

void add_orphaned_leases(const RunState& run, std::vector<OrphanedLease>& orphans) {
  for (const TaskState& task : run.tasks) {
    if (!task.held_by_worker()) continue;
    const AttemptState& attempt = task.attempts.back();
    orphans.push_back({{run.run_id, task.task_id, attempt.lease_id, "server_restarted", false},
                       attempt.remote,
                       attempt.worker_name,
                       task.type,
                       run.step_of(task).timeouts.heartbeat_ms,
                       task.parked()});
  }
}

}  // namespace runledger::core
