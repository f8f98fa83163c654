// What the worker and the server say to each other over one connection: registers, asks for tasks,
// carries reports, obeys cancel, fenced and drain.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
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
  // Returns with whatever the runner still runs told to stop: its leases are gone. Throws
  // std::invalid_argument when the URL is none that it can use.
  SessionEnd run(const std::string& server_url, const std::string& token, TaskRunner& runner);
  // Takes no more tasks and ends when what runs has been reported. Any thread.
  void drain();
  bool draining() const;

  Delivery offer(const protocol::LeasedTask& task,
                 std::vector<protocol::ReportBody> bodies) override;
  Delivery send(const protocol::LeasedTask& task,
                std::vector<protocol::ReportBody> bodies) override;
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                         protocol::ReportBody body) override;
  void slot_is_free(const std::string& lease_id) override;
  void has_parked(const std::string& lease_id) override;
  void has_left(const std::string& lease_id) override;

 private:
  void on_frame(std::string_view frame, TaskRunner& runner);
  void on_message(const protocol::Registered& message, TaskRunner& runner);
  void on_message(const protocol::Refused& message, TaskRunner& runner);
  void on_message(const protocol::Leased& message, TaskRunner& runner);
  void on_message(const protocol::Acknowledged& message, TaskRunner& runner);
  void on_message(const protocol::Cancel& message, TaskRunner& runner);
  void on_message(const protocol::Fenced& message, TaskRunner& runner);
  void on_message(const protocol::Drain& message, TaskRunner& runner);
  // Waits for a drain, and then until what runs has been reported. False if `over` comes first.
  bool finish_tasks(const std::stop_token& over, TaskRunner& runner);
  void tell(const protocol::WorkerMessage& message);  // under the lock

  enum class Refusal { kNone, kForNow, kForGood };

  const protocol::Register introduction_;
  ReportWindow window_;
  mutable std::mutex mutex_;  // guards what follows; taken before the window's own
  std::condition_variable_any changed_;
  std::shared_ptr<ServerSocket> socket_;  // of the connection that there is
  bool registered_ = false;               // on this connection
  Refusal refusal_ = Refusal::kNone;
  bool draining_ = false;
  bool withdrawn_ = false;        // the server leases this worker no more
  std::set<std::string> held_;    // leases whose tasks have not ended here
  std::set<std::string> parked_;  // those of them that take no slot
};

}  // namespace runledger::core::worker
