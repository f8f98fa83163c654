#include "core/worker/session.h"

#include <spdlog/spdlog.h>

#include <thread>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

constexpr std::chrono::milliseconds kDrainAcknowledgeTimeout{5000};

}  // namespace

SessionEnd Session::run(const std::string& server_url, const std::string& token,
                        TaskRunner& runner) {
  const auto socket = std::make_shared<ServerSocket>(server_url, token);
  {
    const std::scoped_lock lock(mutex_);
    socket_ = socket;
  }
  refused_ = false;
  // What runs when a drain begins is finished and reported first.
  std::jthread drainer([&](const std::stop_token& stop) {
    draining_.wait(false);
    if (stop.stop_requested()) return;
    runner.wait_until_idle();
    window_.wait_until_empty(kDrainAcknowledgeTimeout);
    socket->close();
  });
  const SocketEnd end = socket->run([&] { socket->send(protocol::encode(introduction_)); },
                                    [&](std::string_view frame) { on_frame(frame, runner); });
  window_.close();
  const bool drained = draining_;
  drainer.request_stop();
  if (!drained) {
    draining_ = true;  // lets the drainer go
    draining_.notify_all();
    runner.cancel_all(kFencedGrace);
  }
  drainer.join();
  draining_ = drained;
  if (end == SocketEnd::kNotPermitted || refused_) return SessionEnd::kRefused;
  if (drained) return SessionEnd::kDrained;
  spdlog::warn("the connection to {} has ended: {}", server_url, socket->reason());
  return end == SocketEnd::kClosed ? SessionEnd::kLost : SessionEnd::kUnavailable;
}

void Session::drain() {
  draining_ = true;
  draining_.notify_all();
}

void Session::tell(const protocol::WorkerMessage& message) {
  const std::scoped_lock lock(mutex_);
  if (socket_) socket_->send(protocol::encode(message));
}

void Session::close() {
  const std::scoped_lock lock(mutex_);
  if (socket_) socket_->close();
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

void Session::slot_is_free(const std::string& lease_id) {
  window_.forget(lease_id);
  if (!draining_) tell(protocol::Lease{1});
}

// --- from the server ---

void Session::on_frame(std::string_view frame, TaskRunner& runner) {
  const auto message = protocol::decode_server_message(frame);
  if (const auto* wrong = std::get_if<protocol::ProtocolError>(&message)) {
    spdlog::error("the server sent what is no message: {}", wrong->reason);
    return close();
  }
  std::visit([&](const auto& each) { on_message(each, runner); },
             std::get<protocol::ServerMessage>(message));
}

void Session::on_message(const protocol::Registered& message, TaskRunner& runner) {
  spdlog::info("registered as {} ({})", message.worker_id, introduction_.name);
  window_.open([this](const protocol::Reports& reports) { tell(reports); });
  // Tasks of an earlier connection that still run ask for themselves when they end.
  const std::size_t busy = runner.running();
  if (busy < introduction_.slots && !draining_) {
    tell(protocol::Lease{introduction_.slots - static_cast<std::uint32_t>(busy)});
  }
}

void Session::on_message(const protocol::Refused& message, TaskRunner&) {
  spdlog::error("the server refuses this worker: {}: {}", message.code, message.reason);
  refused_ = true;
}

void Session::on_message(const protocol::Leased& message, TaskRunner& runner) {
  for (const protocol::LeasedTask& task : message.tasks) runner.start(task);
}

void Session::on_message(const protocol::Acknowledged& message, TaskRunner&) {
  window_.acknowledge(message.results);
}

void Session::on_message(const protocol::Cancel& message, TaskRunner& runner) {
  runner.cancel(message.lease_id, std::chrono::milliseconds(message.grace_ms));
}

void Session::on_message(const protocol::Fenced& message, TaskRunner& runner) {
  window_.fence(message.lease_id);
  runner.cancel(message.lease_id, kFencedGrace);
}

void Session::on_message(const protocol::Drain&, TaskRunner&) {
  drain();
}

}  // namespace runledger::core::worker
