// What the worker and the server say to each other: registers, says how many tasks it would have,
// carries reports, obeys cancel, fenced and drain. It outlives a connection: tasks go on while
// there is none, for as long as the server keeps their leases.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
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
  using Clock = std::chrono::steady_clock;

  explicit Session(protocol::Register introduction);

  // One connection, from its beginning to its end, on the calling thread. May be called again: what
  // the runner still runs is held under its leases. Throws std::invalid_argument when the URL is
  // none that it can use.
  SessionEnd run(const std::string& server_url, const std::string& token, TaskRunner& runner);
  // Between two connections: until when another one has to be registered for leases to be kept;
  // nothing: none is held.
  std::optional<Clock::time_point> keeps_until() const;
  // Nobody will hear of what still runs: it is told to stop.
  void abandon(TaskRunner& runner);
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
  void want(std::uint32_t room) override;
  void give_back(std::vector<std::string> lease_ids) override;
  std::uint64_t connection() const override { return window_.connection(); }
  bool wait_for_later(std::uint64_t connection, const protocol::LeasedTask& task) override {
    return window_.wait_for_later(connection, task);
  }

 private:
  void on_frame(std::string_view frame, TaskRunner& runner);
  void on_message(const protocol::Registered& message, TaskRunner& runner);
  void on_message(const protocol::Refused& message, TaskRunner& runner);
  void on_message(const protocol::Leased& message, TaskRunner& runner);
  void on_message(const protocol::Acknowledged& message, TaskRunner& runner);
  void on_message(const protocol::Cancel& message, TaskRunner& runner);
  void on_message(const protocol::Fenced& message, TaskRunner& runner);
  void on_message(const protocol::Drain& message, TaskRunner& runner);
  std::string introduction() const;
  std::optional<std::string> next_frame();
  // Waits for a drain, and then until what runs has been reported. False if `over` comes first.
  bool finish_tasks(const std::stop_token& over, TaskRunner& runner);
  // Abandons what runs if no connection is registered in time.
  void watch_grace(const std::stop_token& over, TaskRunner& runner);
  void end_connection();
  std::chrono::milliseconds grace() const;
  void wake_socket();  // under the lock

  enum class Refusal { kNone, kForNow, kForGood };

  const protocol::Register introduction_;
  ReportWindow window_;
  mutable std::mutex mutex_;  // guards what follows; taken before the window's own
  std::condition_variable_any changed_;
  std::shared_ptr<ServerSocket> socket_;  // of the connection that there is
  bool registered_ = false;               // on this connection
  Refusal refusal_ = Refusal::kNone;
  bool draining_ = false;
  bool withdrawn_ = false;                          // the server leases this worker no more
  std::uint32_t wanted_;                            // room
  std::optional<std::uint32_t> told_;               // on this connection
  std::vector<std::string> returns_;                // to be said
  std::map<std::string, protocol::HeldTask> held_;  // by lease; tasks that have not ended here
  std::chrono::milliseconds grace_{0};              // as the server told
  std::optional<Clock::time_point> lost_at_;        // the latest registered connection
};

}  // namespace runledger::core::worker
