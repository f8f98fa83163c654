// The running tasks' way to the server. The session is one; tests have another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/protocol/messages.h"

namespace runledger::core::worker {

enum class Delivery {
  kTaken,  // in order, after everything given before
  kFull,   // too much is unacknowledged: nothing was taken
  kGone,   // the lease or the session has ended: no report counts any more
};

// Any thread may call.
class ServerLink {
 public:
  virtual ~ServerLink() = default;

  // At once.
  virtual Delivery offer(const protocol::LeasedTask& task,
                         std::vector<protocol::ReportBody> bodies) = 0;
  // Waits while too much is unacknowledged. kTaken or kGone.
  virtual Delivery send(const protocol::LeasedTask& task,
                        std::vector<protocol::ReportBody> bodies) = 0;
  // Waits until the server has acknowledged it. Nothing when it never will.
  virtual std::optional<protocol::Acknowledgement> send_and_wait(const protocol::LeasedTask& task,
                                                                 protocol::ReportBody body) = 0;
  // The task under that lease has ended: its slot can take another.
  virtual void slot_is_free(const std::string& lease_id) = 0;
  // The task under that lease polls now: its slot can take another, the lease goes on.
  virtual void has_parked(const std::string& lease_id) = 0;
  // A task that had parked has ended.
  virtual void has_left(const std::string& lease_id) = 0;
  // So many tasks are wanted at once from now on, those that have parked not counted.
  virtual void want(std::uint32_t room) = 0;
  // These have not begun, and will not here.
  virtual void give_back(std::vector<std::string> lease_ids) = 0;
  // Which connection there is, or was last: it counts up.
  virtual std::uint64_t connection() const = 0;
  // Waits for a later one. False: that one is there still, or none will come in time.
  virtual bool wait_for_later(std::uint64_t connection, const protocol::LeasedTask& task) = 0;
};

}  // namespace runledger::core::worker
