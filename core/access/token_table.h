// The tokens that are good now, by the SHA-256 of their secret: a secret itself is kept nowhere.
// Any thread.
#pragma once

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "core/access/authenticator.h"
#include "core/base/clock.h"
#include "core/domain/events.h"

namespace runledger::core {

class TokenTable final : public Authenticator {
 public:
  std::optional<Principal> authenticate(std::string_view bearer_token) const override;
  void admit(const TokenCreated& token);
  // A token of this process alone, e.g. for the workers that it starts.
  void admit(std::string_view secret, Principal principal);

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, Principal, std::less<>> by_sha256_;
};

// A new secret: "rl_" and 64 hex digits, 256 random bits.
std::string make_secret(RandomSource& random);

// What a tenant's and a user's name may look like: 1 to 64 of letters, digits, '.', '_', '-', '@'.
bool is_principal_name(std::string_view name);

}  // namespace runledger::core
