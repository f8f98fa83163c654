// The requests that are in flight, by the id that their message carries. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "api/rest/transport/pistache_application.h"

namespace runledger::api {

class ExchangeTable {
 public:
  std::uint64_t add(std::shared_ptr<Exchange> exchange);
  // The exchange leaves the table, so that a message can be handled only once. nullptr: not there.
  std::shared_ptr<Exchange> take(std::uint64_t id);

 private:
  std::mutex mutex_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::shared_ptr<Exchange>> exchanges_;
};

}  // namespace runledger::api
