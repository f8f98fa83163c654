// What the task is given, as a call.
#pragma once

#include <runledger/plugin.hpp>
#include <vector>

namespace runledger::http_plugin {

struct Order {
  HttpRequest request;
  std::vector<int> expect_status;  // empty: any 2xx
  bool repeatable = true;          // making it twice is like making it once
};

// `idempotency_key` goes along with what is not repeatable. The input fits the schema.
Order order_of(const json& input, std::string_view idempotency_key);

bool expected(const Order& order, int status);

}  // namespace runledger::http_plugin
