#include "core/worker/session.h"

#include <spdlog/spdlog.h>

#include <thread>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

constexpr std::chrono::milliseconds kDrainAnswerTimeout{2000};
constexpr std::chrono::milliseconds kDrainAcknowledgeTimeout{5000};
constexpr std::string_view kBusy = "queue_full";  // a refusal that does not last

}  // namespace

SessionEnd Session::run(const std::string& server_url, const std::string& token,
                        TaskRunner& runner) {
  const auto socket = std::make_shared<ServerSocket>(server_url, token);
  {
    const std::scoped_lock lock(mutex_);
    socket_ = socket;
    refusal_ = Refusal::kNone;
    withdrawn_ = false;
  }
  bool finished = false;
  std::jthread drainer([&](const std::stop_token& over) {
    finished = finish_tasks(over, runner);
    if (finished) socket->close();
  });
  const SocketEnd end = socket->run([&] { socket->send(protocol::encode(introduction_)); },
                                    [&](std::string_view frame) { on_frame(frame, runner); });
  drainer.request_stop();
  window_.close();
  drainer.join();
  runner.cancel_all(kFencedGrace);

  const std::scoped_lock lock(mutex_);
  socket_.reset();
  registered_ = false;
  if (end == SocketEnd::kNotPermitted || refusal_ == Refusal::kForGood) return SessionEnd::kRefused;
  if (finished) return SessionEnd::kDrained;
  spdlog::warn("the connection to {} has ended: {}", server_url, socket->reason());
  const bool was_there = end == SocketEnd::kClosed && refusal_ == Refusal::kNone;
  return was_there ? SessionEnd::kLost : SessionEnd::kUnavailable;
}

bool Session::finish_tasks(const std::stop_token& over, TaskRunner& runner) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, over, [this] { return draining_; })) return false;
    if (registered_ && !withdrawn_) {
      // A task that was leased meanwhile comes before the answer.
      tell(protocol::Lease{0});
      changed_.wait_for(lock, over, kDrainAnswerTimeout, [this] { return withdrawn_; });
    }
  }
  runner.give_back_parked();
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, over, [this] { return held_.empty(); })) return false;
  }
  return window_.wait_until_empty(kDrainAcknowledgeTimeout) || !over.stop_requested();
}

void Session::drain() {
  const std::scoped_lock lock(mutex_);
  draining_ = true;
  changed_.notify_all();
}

bool Session::draining() const {
  const std::scoped_lock lock(mutex_);
  return draining_;
}

void Session::tell(const protocol::WorkerMessage& message) {
  if (socket_) socket_->send(protocol::encode(message));
}

// --- from the tasks ---

Delivery Session::offer(const protocol::LeasedTask& task,
                        std::vector<protocol::ReportBody> bodies) {
  return window_.offer(task, std::move(bodies));
}

Delivery Session::send(const protocol::LeasedTask& task, std::vector<protocol::ReportBody> bodies) {
  return window_.send(task, std::move(bodies));
}

std::optional<protocol::Acknowledgement> Session::send_and_wait(const protocol::LeasedTask& task,
                                                                protocol::ReportBody body) {
  return window_.send_and_wait(task, std::move(body));
}

// Under one lock with what it asks for: the server must never be asked for more tasks than there
// are slots for.
void Session::slot_is_free(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  held_.erase(lease_id);
  window_.forget(lease_id);
  if (registered_ && !draining_) tell(protocol::Lease{1});
  changed_.notify_all();
}

void Session::has_parked(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  if (held_.contains(lease_id)) parked_.insert(lease_id);
  if (registered_ && !draining_) tell(protocol::Lease{1});
}

void Session::has_left(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  held_.erase(lease_id);
  parked_.erase(lease_id);
  window_.forget(lease_id);
  changed_.notify_all();
}

// --- from the server ---

void Session::on_frame(std::string_view frame, TaskRunner& runner) {
  const auto message = protocol::decode_server_message(frame);
  if (const auto* wrong = std::get_if<protocol::ProtocolError>(&message)) {
    spdlog::error("the server sent what is no message: {}", wrong->reason);
    const std::scoped_lock lock(mutex_);
    return socket_->close();
  }
  std::visit([&](const auto& each) { on_message(each, runner); },
             std::get<protocol::ServerMessage>(message));
}

void Session::on_message(const protocol::Registered& message, TaskRunner&) {
  spdlog::info("registered as {} ({})", message.worker_id, introduction_.name);
  const std::scoped_lock lock(mutex_);
  window_.open([socket = socket_](const protocol::Reports& reports) {
    socket->send(protocol::encode(reports));
  });
  registered_ = true;
  // Tasks of an earlier connection that still run ask for themselves when they end.
  const std::size_t at_work = held_.size() - parked_.size();
  if (draining_ || at_work >= introduction_.slots) return;
  tell(protocol::Lease{introduction_.slots - static_cast<std::uint32_t>(at_work)});
}

void Session::on_message(const protocol::Refused& message, TaskRunner&) {
  spdlog::error("the server refuses this worker: {}: {}", message.code, message.reason);
  const std::scoped_lock lock(mutex_);
  refusal_ = message.code == kBusy ? Refusal::kForNow : Refusal::kForGood;
  socket_->close();
}

void Session::on_message(const protocol::Leased& message, TaskRunner& runner) {
  {
    const std::scoped_lock lock(mutex_);
    for (const protocol::LeasedTask& task : message.tasks) held_.insert(task.lease_id);
  }
  for (const protocol::LeasedTask& task : message.tasks) runner.start(task);
}

void Session::on_message(const protocol::Acknowledged& message, TaskRunner&) {
  window_.acknowledge(message.results);
}

void Session::on_message(const protocol::Cancel& message, TaskRunner& runner) {
  runner.cancel(message.lease_id, std::chrono::milliseconds(message.grace_ms));
}

void Session::on_message(const protocol::Fenced& message, TaskRunner& runner) {
  {
    const std::scoped_lock lock(mutex_);
    if (!held_.contains(message.lease_id)) return;  // its task has ended here
    window_.fence(message.lease_id);
  }
  runner.cancel(message.lease_id, kFencedGrace);
}

void Session::on_message(const protocol::Drain&, TaskRunner&) {
  const std::scoped_lock lock(mutex_);
  draining_ = true;
  withdrawn_ = true;
  changed_.notify_all();
}

}  // namespace runledger::core::worker
