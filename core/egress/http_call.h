// Calls somebody else's HTTP server, by libcurl. Each call has a connection of its own: on a kept
// one libcurl may send a request a second time by itself, and a second submission costs money.
//
// The address that is really connected to is checked (address_rules.h), redirects and name
// resolution included; proxies of the environment are not used. Certificates are verified. Bodies
// are counted as they arrive; an encoded one that nobody has asked for is refused.
#pragma once

#include <stop_token>

#include "core/egress/address_rules.h"
#include "core/egress/http_message.h"

namespace runledger::core::egress {

// Any thread, several at a time. A call blocks until it is over or `stop` is requested.
class HttpCaller {
 public:
  explicit HttpCaller(AllowedEndpoints allowed, std::string user_agent = "runledger");
  // Calls any address: for a server that the operator has named, never for a URL from elsewhere.
  static HttpCaller to_own_server();

  // The answer's body is in it.
  HttpOutcome call(const HttpRequest& request, const std::stop_token& stop = {}) const;
  // The body goes to `file`, from its current position on; after a problem part of it may be there.
  HttpOutcome download(const HttpRequest& request, int file,
                       const std::stop_token& stop = {}) const;

 private:
  HttpCaller(std::string user_agent, bool anywhere)
      : user_agent_(std::move(user_agent)), anywhere_(anywhere) {}

  const AllowedEndpoints allowed_;
  const std::string user_agent_;
  const bool anywhere_ = false;
};

}  // namespace runledger::core::egress
