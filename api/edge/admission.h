// Decides what becomes of a request from its head alone, before a byte of the body is read.
#pragma once

#include <string>
#include <variant>

#include "api/edge/head.h"
#include "api/http/route_table.h"
#include "core/access/authenticator.h"

namespace runledger::api {

// May go on. `request` has everything but the body; its method is GET for HEAD.
struct Admitted {
  const Route* route;
  Request request;
};

// An Answer refuses; the body, if there is one, is unread then.
std::variant<Admitted, Answer> admit(const Head& head, const RouteTable& routes,
                                     const core::Authenticator& authenticator,
                                     const std::string& request_id);

bool may(const core::Principal& principal, Scope scope);

}  // namespace runledger::api
