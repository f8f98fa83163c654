// Keeps the reports of a worker until they are acknowledged, so that they can be sent again over
// another connection, numbers them, and bounds how many there are; senders wait for room. Any
// thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "core/worker/server_link.h"

namespace runledger::core::worker {

inline constexpr std::size_t kReportFrameBytes = 4 * 1024 * 1024;  // a frame more, beyond it

class ReportWindow {
 public:
  // There is something to take. Called without the window's lock, by whoever has put it there.
  using Wake = std::function<void()>;

  // There is a connection: what is not acknowledged is to be taken anew, but for that under leases
  // which do not hold any more.
  void open(Wake wake, const std::vector<std::string>& fenced);
  // The connection has gone, another one may come: senders go on while there is room.
  void pause();
  // None will come in time: everything that waits gets kGone, and all that comes after it until the
  // next open(). Nothing of it is kept.
  void close();

  // What has not been taken on this connection, in order, as much as one frame is to have; nothing:
  // there is none, or no connection.
  std::optional<protocol::Reports> take();

  void acknowledge(const std::vector<protocol::Acknowledgement>& results);
  void fence(const std::string& lease_id);
  void forget(const std::string& lease_id);  // its task has ended here
  // Whose reports are not all acknowledged.
  std::vector<protocol::HeldTask> unacknowledged() const;

  Delivery offer(const protocol::LeasedTask& task, std::vector<protocol::ReportBody> bodies);
  Delivery send(const protocol::LeasedTask& task, std::vector<protocol::ReportBody> bodies);
  std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                         protocol::ReportBody body);
  std::uint64_t connection() const;  // counts open()
  bool wait_for_later(std::uint64_t connection, const protocol::LeasedTask& task);
  // True once everything is acknowledged; false when the connection or the time ended before.
  bool wait_until_empty(std::chrono::milliseconds timeout);

 private:
  bool gone(const std::string& lease_id) const { return closed_ || fenced_.contains(lease_id); }
  std::size_t room() const { return protocol::kReportsInFlightMax - reports_.size(); }
  // Puts the next `count` of them and gives the last one's number.
  std::uint64_t put(const protocol::LeasedTask& task,
                    std::vector<protocol::ReportBody>::iterator begin, std::size_t count);
  void wake(std::unique_lock<std::mutex>& lock);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Wake wake_;  // none: there is no connection
  bool closed_ = true;
  std::uint64_t closings_ = 0;  // who has waited through one is not served after it
  std::uint64_t connections_ = 0;
  std::uint64_t next_seq_ = 1;
  std::uint64_t next_taken_ = 1;                       // the first that has not been taken
  std::map<std::uint64_t, protocol::Report> reports_;  // by seq; not acknowledged
  std::map<std::string, std::uint64_t> numbers_;       // the latest of each lease
  std::set<std::string> fenced_;
  std::size_t senders_waiting_ = 0;  // for acknowledgements, and the room that they make
  // Numbers that someone waits for, and what came for them.
  std::map<std::uint64_t, std::optional<protocol::Acknowledgement>> awaited_;
};

}  // namespace runledger::core::worker
