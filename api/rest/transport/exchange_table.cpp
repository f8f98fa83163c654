#include "api/rest/transport/exchange_table.h"

namespace runledger::api {

std::uint64_t ExchangeTable::add(std::shared_ptr<Exchange> exchange) {
  std::scoped_lock lock(mutex_);
  std::uint64_t id = next_id_++;
  exchanges_.emplace(id, std::move(exchange));
  return id;
}

std::shared_ptr<Exchange> ExchangeTable::take(std::uint64_t id) {
  std::scoped_lock lock(mutex_);
  auto node = exchanges_.extract(id);
  return node.empty() ? nullptr : std::move(node.mapped());
}

}  // namespace runledger::api
