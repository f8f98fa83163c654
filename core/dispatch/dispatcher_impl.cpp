#include "core/dispatch/dispatcher_impl.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/access/token_table.h"
#include "core/schema/task_types.h"

namespace runledger::core {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{5};  // after the sequencer's queue was full

}  // namespace

Dispatcher::Impl::Impl(DispatcherSettings settings, Submit submit, const ArtifactStore& artifacts,
                       const CommandFactory& commands, IdSource& ids,
                       std::function<void(const std::string&)> on_fatal)
    : settings_(settings),
      submit_(std::move(submit)),
      artifacts_(artifacts),
      commands_(commands),
      ids_(ids),
      on_fatal_(std::move(on_fatal)) {}

void Dispatcher::Impl::start() {
  thread_ = std::thread([this] { run(); });
}

void Dispatcher::Impl::stop() {
  stopping_ = true;
  mailbox_.close();
  if (thread_.joinable()) thread_.join();
}

void Dispatcher::Impl::run() {
  try {
    for (;;) {
      auto work = mailbox_.take(next_deadline());
      if (work.empty() && mailbox_.closed()) return;
      round(std::move(work));
    }
  } catch (const std::exception& broken) {
    on_fatal_(std::string("the dispatcher cannot go on: ") + broken.what());
  }
}

void Dispatcher::Impl::round(std::deque<Mailbox::Work> work) {
  for (const Mailbox::Work& item : work) item();
  for (auto& [session, worker] : workers_) {
    ask_for_tasks(worker);
    let_go(worker);
  }
  enforce_deadlines();
  submit_(outbox_);
  flush_acknowledgements();
}

std::optional<Mailbox::TimePoint> Dispatcher::Impl::next_deadline() const {
  std::optional<Mailbox::TimePoint> next;
  const auto sooner = [&](Mailbox::TimePoint at) {
    next = next ? std::min(*next, at) : at;
  };
  const auto retry_at = std::chrono::steady_clock::now() + kRetryInterval;
  if (!outbox_.empty()) sooner(retry_at);
  if (!adrift_until_.empty()) sooner(adrift_until_.front().first);
  for (const auto& [session, worker] : workers_) {
    for (const std::string& lease_id : worker.watched) {
      const auto lease = worker.leases.find(lease_id);
      if (lease == worker.leases.end()) continue;
      if (lease->second.stop_by) sooner(*lease->second.stop_by);
      if (lease->second.silent_by) sooner(*lease->second.silent_by);
    }
  }
  return next;
}

// The sequencer answers many in a row, and has this thread woken after them.
void Dispatcher::Impl::submit(Command command, std::function<void(const Outcome&)> then) {
  outbox_.push_back({std::move(command), [this, then = std::move(then)](const Outcome& outcome) {
                       mailbox_.put([then, outcome] { then(outcome); });
                     }});
}

void Dispatcher::Impl::submit(Command command) {
  outbox_.push_back({std::move(command), [](const Outcome&) {
                     }});
}

Worker* Dispatcher::Impl::find(std::uint64_t session) {
  const auto found = workers_.find(session);
  return found == workers_.end() ? nullptr : &found->second;
}

// --- sessions ---

std::optional<std::uint64_t> Dispatcher::Impl::admit_session() {
  if (stopping_) return std::nullopt;
  if (++sessions_ > kSessionsMax) {
    --sessions_;
    return std::nullopt;
  }
  return next_session_++;
}

void Dispatcher::Impl::begin_stop() {
  stopping_ = true;
  for (auto& [session, worker] : workers_) {
    if (!worker.remote) worker.send(protocol::Drain{});
  }
}

void Dispatcher::Impl::on_connected(std::uint64_t session,
                                    std::shared_ptr<WorkerConnection> connection, bool remote) {
  Worker worker;
  worker.remote = remote;
  worker.session = session;
  worker.connection = std::move(connection);
  workers_.emplace(session, std::move(worker));
}

void Dispatcher::Impl::on_frame(std::uint64_t session, const std::string& frame) {
  Worker* worker = find(session);
  if (worker == nullptr || worker->closing) return;
  const auto message = protocol::decode_worker_message(frame);
  if (const auto* wrong = std::get_if<protocol::ProtocolError>(&message)) {
    return refuse(*worker, "protocol_error", wrong->reason);
  }
  std::visit([&](const auto& each) { on_message(*worker, each); },
             std::get<protocol::WorkerMessage>(message));
}

void Dispatcher::Impl::refuse(Worker& worker, const std::string& code, const std::string& reason) {
  worker.send(protocol::Refused{code, reason});
  close(worker, code);
}

void Dispatcher::Impl::close(Worker& worker, const std::string& reason) {
  worker.closing = true;
  worker.connection->close(reason);
}

void Dispatcher::Impl::on_closed(std::uint64_t session) {
  --sessions_;
  const auto found = workers_.find(session);
  if (found == workers_.end()) return;
  leave(found->second);
  if (found->second.registered()) --registered_;
  workers_.erase(found);
}

void Dispatcher::Impl::on_message(Worker& worker, const protocol::Register& message) {
  if (worker.introduced) return refuse(worker, "protocol_error", "registered twice");
  worker.introduced = true;
  if (message.session_version != protocol::kSessionVersion) {
    return refuse(worker, "session_version",
                  "this server speaks session version " +
                      std::to_string(protocol::kSessionVersion) + ", the worker version " +
                      std::to_string(message.session_version));
  }
  if (!is_principal_name(message.name)) {
    return refuse(worker, "bad_name", "a worker's name has 1 to 64 letters, digits or . _ - @");
  }
  RegisterWorker command;
  command.worker = {ids_.make("wrk"), message.name, message.pid, message.slots};
  for (const protocol::TaskTypeOffer& offer : message.task_types) {
    if (offer.manifest.size() > kManifestBytesMax) {
      return refuse(worker, "manifest_too_large",
                    "a manifest has at most " + std::to_string(kManifestBytesMax) + " bytes");
    }
    const auto schema = input_schema_of(offer.manifest);
    if (const auto* wrong = std::get_if<SchemaError>(&schema)) {
      return refuse(worker, "bad_schema", "task type '" + offer.name + "': " + wrong->reason);
    }
    if (!is_principal_name(offer.name)) {
      return refuse(worker, "bad_name", "task type '" + offer.name + "' is not a name");
    }
    command.task_types.push_back(
        {offer.name, offer.version, offer.plugin_sha256, {offer.manifest}});
    worker.types.push_back({{offer.name, offer.version, offer.plugin_sha256}, offer.slots});
  }
  worker.name = message.name;
  drop_namesake(worker);
  worker.fenced = claim(worker, message.held);
  const std::string worker_id = command.worker.worker_id;
  submit(commands_.from_worker(worker.name, std::move(command)),
         [this, session = worker.session, worker_id](const Outcome& outcome) {
           on_registered(session, worker_id, outcome);
         });
}

// A worker that comes again before its old connection was seen to be gone.
void Dispatcher::Impl::drop_namesake(const Worker& worker) {
  for (auto& [session, other] : workers_) {
    if (session != worker.session && other.introduced && other.name == worker.name) {
      leave(other);
      refuse(other, "replaced", "another worker has registered as " + worker.name);
    }
  }
}

void Dispatcher::Impl::on_registered(std::uint64_t session, const std::string& worker_id,
                                     const Outcome& outcome) {
  Worker* worker = find(session);
  if (worker == nullptr) return;
  if (std::holds_alternative<Rejection>(outcome)) {
    return refuse(*worker, "not_registered", std::get<Rejection>(outcome).reason);
  }
  worker->worker_id = worker_id;
  ++registered_;
  worker->wake = true;
  worker->send(protocol::Registered{worker_id, worker->remote ? settings_.worker_grace_ms : 0,
                                    std::exchange(worker->fenced, {})});
}

void Dispatcher::Impl::on_message(Worker& worker, const protocol::Lease& message) {
  worker.room = message.room;
  worker.wake = true;
  if (message.room == 0) worker.withdrawn = true;
}

// A worker that has withdrawn may leave once no grant can reach it any more.
void Dispatcher::Impl::let_go(Worker& worker) {
  if (!worker.withdrawn || worker.grant_in_flight) return;
  worker.withdrawn = false;
  worker.send(protocol::Drain{});
}

}  // namespace runledger::core
