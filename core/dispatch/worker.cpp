#include "core/dispatch/worker.h"

#include <algorithm>

namespace runledger::core {

std::uint32_t Worker::free_room() const {
  const auto taken = std::count_if(leases.begin(), leases.end(),
                                   [](const auto& each) { return each.second.takes_room(); });
  return room - std::min(room, static_cast<std::uint32_t>(taken));
}

std::vector<GrantLeases::TypeOffer> Worker::offers_now() const {
  std::vector<GrantLeases::TypeOffer> now;
  for (const OfferedType& type : types) {
    now.push_back(type.offer);
    if (type.slots == 0) continue;
    const auto taken = std::count_if(leases.begin(), leases.end(), [&](const auto& each) {
      return each.second.takes_room() && each.second.task_type == type.offer.name;
    });
    now.back().tasks_max = type.slots - std::min(type.slots, static_cast<std::uint32_t>(taken));
  }
  return now;
}

}  // namespace runledger::core
