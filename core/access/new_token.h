// Makes a token: checks for whom it is, draws the secret. Any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/id_source.h"
#include "core/domain/events.h"

namespace runledger::core {

struct NewToken {
  TokenCreated record;  // to be recorded by CreateToken
  std::string secret;   // to be shown once, and kept nowhere
};

struct TokenComplaint {
  std::string member;  // tenant, user or roles
  std::string message;
};

std::variant<NewToken, std::vector<TokenComplaint>> make_token(
    const std::string& tenant, const std::string& user, const std::vector<std::string>& roles,
    IdSource& ids, RandomSource& random);

}  // namespace runledger::core
