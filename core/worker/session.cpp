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

Session::Session(protocol::Register introduction)
    : introduction_(std::move(introduction)), wanted_(introduction_.slots) {}

SessionEnd Session::run(const std::string& server_url, const std::string& token,
                        TaskRunner& runner) {
  const auto socket = std::make_shared<ServerSocket>(server_url, token);
  {
    const std::scoped_lock lock(mutex_);
    socket_ = socket;
    refusal_ = Refusal::kNone;
    withdrawn_ = false;
    told_.reset();
    returns_.clear();
  }
  bool finished = false;
  std::jthread drainer([&](const std::stop_token& over) {
    finished = finish_tasks(over, runner);
    if (finished) socket->close();
  });
  std::jthread watch([&](const std::stop_token& over) { watch_grace(over, runner); });
  const SocketEnd end = socket->run({[&] { return introduction(); },
                                     [&](std::string_view frame) { on_frame(frame, runner); },
                                     [&] {
                                       return next_frame();
                                     }});
  drainer.request_stop();  // before it sees that nothing is acknowledged any more
  watch.request_stop();
  end_connection();
  drainer.join();
  watch.join();
  if (grace() == std::chrono::milliseconds(0)) abandon(runner);

  const std::scoped_lock lock(mutex_);
  socket_.reset();
  if (end == SocketEnd::kNotPermitted || refusal_ == Refusal::kForGood) return SessionEnd::kRefused;
  if (finished) return SessionEnd::kDrained;
  spdlog::warn("the connection to {} has ended: {}", server_url, socket->reason());
  const bool was_there = end == SocketEnd::kClosed && refusal_ == Refusal::kNone;
  return was_there ? SessionEnd::kLost : SessionEnd::kUnavailable;
}

void Session::end_connection() {
  const std::scoped_lock lock(mutex_);
  if (registered_) lost_at_ = Clock::now();
  registered_ = false;
  window_.pause();
  changed_.notify_all();
}

std::optional<Session::Clock::time_point> Session::keeps_until() const {
  const std::scoped_lock lock(mutex_);
  if (!lost_at_) return std::nullopt;
  if (held_.empty() && window_.unacknowledged().empty()) return std::nullopt;
  return *lost_at_ + grace_;
}

void Session::abandon(TaskRunner& runner) {
  {
    const std::scoped_lock lock(mutex_);
    if (registered_) return;
    if (!held_.empty()) spdlog::warn("no server has come back: what runs is stopped");
    lost_at_.reset();
    window_.close();
    changed_.notify_all();
  }
  runner.cancel_all(kFencedGrace);
}

std::chrono::milliseconds Session::grace() const {
  const std::scoped_lock lock(mutex_);
  return grace_;
}

void Session::watch_grace(const std::stop_token& over, TaskRunner& runner) {
  {
    std::unique_lock lock(mutex_);
    if (!lost_at_) return;
    const auto until = *lost_at_ + grace_;
    if (changed_.wait_until(lock, over, until, [this] { return registered_; })) return;
    if (over.stop_requested()) return;
  }
  abandon(runner);
}

bool Session::finish_tasks(const std::stop_token& over, TaskRunner& runner) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, over, [this] { return draining_; })) return false;
    // What has been done meanwhile has to be told first.
    const auto is_heard = [this] {
      return registered_ || (held_.empty() && window_.unacknowledged().empty());
    };
    if (!changed_.wait(lock, over, is_heard)) return false;
    if (registered_ && !withdrawn_) {
      // A task that was leased meanwhile comes before the answer.
      wake_socket();
      changed_.wait_for(lock, over, kDrainAnswerTimeout, [this] { return withdrawn_; });
    }
  }
  runner.give_back_unbegun();
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

void Session::wake_socket() {
  if (socket_) socket_->wake();
}

// --- to the server ---

std::string Session::introduction() const {
  protocol::Register message = introduction_;
  const std::scoped_lock lock(mutex_);
  for (const auto& [lease_id, task] : held_) message.held.push_back(task);
  for (protocol::HeldTask& task : window_.unacknowledged()) {
    if (!held_.contains(task.lease_id)) message.held.push_back(std::move(task));
  }
  return protocol::encode(message);
}

std::optional<std::string> Session::next_frame() {
  const std::scoped_lock lock(mutex_);
  if (!registered_) return std::nullopt;  // nothing may be said before
  const std::uint32_t room = draining_ ? 0 : wanted_;
  // Before what is given back: it must not come again.
  if (told_ != room && !withdrawn_) {
    told_ = room;
    return protocol::encode(protocol::Lease{room});
  }
  if (!returns_.empty()) return protocol::encode(protocol::Return{std::exchange(returns_, {})});
  if (const auto reports = window_.take()) return protocol::encode(*reports);
  return std::nullopt;
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
  has_left(lease_id);
}

void Session::has_parked(const std::string&) {}

void Session::has_left(const std::string& lease_id) {
  const std::scoped_lock lock(mutex_);
  held_.erase(lease_id);
  window_.forget(lease_id);
  if (held_.empty()) changed_.notify_all();
}

void Session::want(std::uint32_t room) {
  const std::scoped_lock lock(mutex_);
  wanted_ = room;
  wake_socket();
}

void Session::give_back(std::vector<std::string> lease_ids) {
  const std::scoped_lock lock(mutex_);
  for (std::string& lease_id : lease_ids) {
    held_.erase(lease_id);
    window_.forget(lease_id);
    // Without a connection there is nothing to say: the next one is not told that it is held.
    if (registered_) returns_.push_back(std::move(lease_id));
  }
  if (held_.empty()) changed_.notify_all();
  wake_socket();
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

void Session::on_message(const protocol::Registered& message, TaskRunner& runner) {
  spdlog::info("registered as {} ({})", message.worker_id, introduction_.name);
  {
    const std::scoped_lock lock(mutex_);
    grace_ = std::chrono::milliseconds(message.grace_ms);
    lost_at_.reset();
    registered_ = true;
    window_.open([socket = socket_] { socket->wake(); }, message.fenced);
    wake_socket();
    changed_.notify_all();
  }
  for (const std::string& lease_id : message.fenced) runner.cancel(lease_id, kFencedGrace);
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
    for (const protocol::LeasedTask& task : message.tasks) {
      held_[task.lease_id] = {task.run_id, task.task_id, task.lease_id, false};
    }
  }
  runner.start(message.tasks);
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
