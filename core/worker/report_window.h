// Numbers the reports of a session and bounds how many of them are unacknowledged; senders wait for
// room. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "core/worker/server_link.h"

namespace runledger::core::worker {

class ReportWindow {
 public:
  // Takes the frames in order, at once; called under the window's lock, so it must not call back.
  using Wire = std::function<void(const protocol::Reports&)>;

  // A session has begun: sequence numbers start at 1, no lease is fenced.
  void open(Wire wire);
  // The session has ended: everything that waits gets kGone, until the next open().
  void close();

  void acknowledge(const std::vector<protocol::Acknowledgement>& results);
  void fence(const std::string& lease_id);
  void forget(const std::string& lease_id);  // its task has ended here

  Delivery offer(const protocol::LeasedTask& task, std::vector<protocol::ReportBody> bodies);
  Delivery send(const protocol::LeasedTask& task, std::vector<protocol::ReportBody> bodies);
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                         protocol::ReportBody body);
  // True once everything is acknowledged; false when the session or the time ended before.
  bool wait_until_empty(std::chrono::milliseconds timeout);

 private:
  bool gone(const std::string& lease_id) const { return !wire_ || fenced_.contains(lease_id); }
  std::size_t room() const { return protocol::kReportsInFlightMax - in_flight_.size(); }
  // Sends the next `count` of them and gives the last one's number.
  std::uint64_t put(const protocol::LeasedTask& task,
                    std::vector<protocol::ReportBody>::iterator begin, std::size_t count);

  std::mutex mutex_;
  std::condition_variable changed_;
  Wire wire_;
  std::uint64_t next_seq_ = 1;
  std::uint64_t session_ = 0;  // counts open(): numbers of an older one mean nothing
  std::set<std::uint64_t> in_flight_;
  std::set<std::string> fenced_;
  // Numbers that someone waits for, and what came for them.
  std::map<std::uint64_t, std::optional<protocol::Acknowledgement>> awaited_;
};

}  // namespace runledger::core::worker
