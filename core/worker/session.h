// What the worker and the server say to each other over one connection: registers, asks for tasks,
// carries reports, obeys cancel, fenced and drain.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "core/protocol/messages.h"
#include "core/worker/report_window.h"
#include "core/worker/server_link.h"
#include "core/worker/server_socket.h"
#include "core/worker/task_runner.h"

namespace runledger::core::worker {

enum class SessionEnd {
  kDrained,      // it was asked to finish, and has
  kRefused,      // the server does not want this worker as it is: coming again is of no use
  kLost,         // the connection was there and has gone
  kUnavailable,  // there is no server
};

class Session final : public ServerLink {
 public:
  explicit Session(protocol::Register introduction) : introduction_(std::move(introduction)) {}

  // One connection, from its beginning to its end, on the calling thread. May be called again.
  // Returns with the runner's tasks told to stop, unless it was drained.
  SessionEnd run(const std::string& server_url, const std::string& token, TaskRunner& runner);
  // Takes no more tasks and ends when what runs has been reported. Any thread.
  void drain();
  bool draining() const { return draining_; }

  Delivery offer(const protocol::LeasedTask& task,
                 std::vector<protocol::ReportBody> bodies) override;
  Delivery send(const protocol::LeasedTask& task,
                std::vector<protocol::ReportBody> bodies) override;
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                         protocol::ReportBody body) override;
  void slot_is_free(const std::string& lease_id) override;

 private:
  void on_frame(std::string_view frame, TaskRunner& runner);
  void on_message(const protocol::Registered& message, TaskRunner& runner);
  void on_message(const protocol::Refused& message, TaskRunner& runner);
  void on_message(const protocol::Leased& message, TaskRunner& runner);
  void on_message(const protocol::Acknowledged& message, TaskRunner& runner);
  void on_message(const protocol::Cancel& message, TaskRunner& runner);
  void on_message(const protocol::Fenced& message, TaskRunner& runner);
  void on_message(const protocol::Drain& message, TaskRunner& runner);
  void tell(const protocol::WorkerMessage& message);
  void close();

  const protocol::Register introduction_;
  ReportWindow window_;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> refused_ = false;
  std::mutex mutex_;  // guards socket_
  std::shared_ptr<ServerSocket> socket_;
};

}  // namespace runledger::core::worker
