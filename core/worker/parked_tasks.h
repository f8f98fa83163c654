// Tasks that poll: each holds its lease and no slot, and is looked at again when it is due. Not
// synchronised: its owner's lock guards it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/protocol/messages.h"

namespace runledger::core::worker {

inline constexpr std::size_t kParkedTasksMax = 4096;
inline constexpr std::size_t kParkedBytesMax = 256 * 1024 * 1024;  // of their inputs and results

class ParkedTasks {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Parked {
    kFirst,   // the server does not know yet that it waits
    kAgain,   // a look without news
    kNoRoom,  // there are too many: its lease has to be given back
  };
  // The executor of the task has found nothing.
  Parked admit(const protocol::LeasedTask& task, Clock::time_point now);
  // For one that was admitted: it is due when `every_ms` has passed.
  void park(protocol::LeasedTask task, const protocol::PollWaitReport& wait, Clock::time_point now);

  // The task that has been due for longest, with the time that it has waited; it stays known until
  // it is parked again or forgotten.
  std::optional<protocol::LeasedTask> take_due(Clock::time_point now);
  std::optional<Clock::time_point> next_due() const;
  // Out of turn, because it is to be ended. Nothing for one that is just being looked at, or that
  // is not known.
  std::optional<protocol::LeasedTask> take(const std::string& lease_id);
  std::vector<std::string> leases() const;  // of those that are not just being looked at
  // Its lease is over.
  void forget(const std::string& lease_id);

  std::size_t size() const { return tasks_.size(); }

 private:
  struct Waiting {
    std::optional<protocol::LeasedTask> task;  // none while it is being looked at
    Clock::time_point since;
    std::uint64_t waited_ms = 0;  // before `since`
    Clock::time_point due;
    std::size_t bytes = 0;
  };
  using Due = std::multimap<Clock::time_point, std::string>;
  static std::size_t bytes_of(const protocol::LeasedTask& task);
  protocol::LeasedTask take(Due::iterator entry, Clock::time_point now);

  std::map<std::string, Waiting> tasks_;  // by lease
  Due due_;
  std::size_t bytes_ = 0;
};

}  // namespace runledger::core::worker
