// Turns the secret that a caller shows into the principal that it stands for. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/access/principal.h"

namespace runledger::core {

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // nullopt: unknown, revoked or expired. Takes the same time for every unknown token.
  virtual std::optional<Principal> authenticate(std::string_view bearer_token) const = 0;
};

}  // namespace runledger::core
