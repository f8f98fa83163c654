#include "request.h"

#include <algorithm>
#include <cctype>

namespace runledger::http_plugin {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

void add_unless_given(HttpHeaders& headers, std::string_view name, std::string_view value) {
  const auto given = [&](const auto& header) {
    return same_name(header.first, name);
  };
  if (std::none_of(headers.begin(), headers.end(), given)) headers.emplace_back(name, value);
}

}  // namespace

Order order_of(const json& input, std::string_view idempotency_key) {
  Order order;
  HttpRequest& request = order.request;
  request.url = input.at("url").get<std::string>();
  request.method = input.value("method", "GET");
  request.credential = input.value("credential", "");
  request.total = std::chrono::seconds(input.value("timeout_s", 60));
  request.first_byte = request.total;
  if (const auto headers = input.find("headers"); headers != input.end()) {
    for (const auto& [name, value] : headers->items()) {
      request.headers.emplace_back(name, value.get<std::string>());
    }
  }
  if (const auto body = input.find("json"); body != input.end()) {
    request.body = body->dump();
    add_unless_given(request.headers, "Content-Type", "application/json");
  } else {
    request.body = input.value("body", "");
  }
  order.repeatable = request.method != "POST" && request.method != "PATCH";
  if (!order.repeatable) add_unless_given(request.headers, "Idempotency-Key", idempotency_key);
  order.expect_status = input.value("expect_status", std::vector<int>());
  return order;
}

bool expected(const Order& order, int status) {
  const auto& wanted = order.expect_status;
  if (wanted.empty()) return status >= 200 && status < 300;
  return std::find(wanted.begin(), wanted.end(), status) != wanted.end();
}

}  // namespace runledger::http_plugin
