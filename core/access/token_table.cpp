#include "core/access/token_table.h"

#include <array>
#include <cctype>

#include "core/base/sha256.h"

namespace runledger::core {

// The look-up compares digests, which a caller cannot steer towards a stored one: its timing tells
// nothing of a secret.
std::optional<Principal> TokenTable::authenticate(std::string_view bearer_token) const {
  const std::string digest = sha256_hex(bearer_token);
  std::shared_lock lock(mutex_);
  const auto found = by_sha256_.find(digest);
  if (found == by_sha256_.end()) return std::nullopt;
  return found->second;
}

void TokenTable::admit(const TokenCreated& token) {
  Principal principal{token.tenant, token.user, {}, token.token_id};
  for (const std::string& name : token.roles) {
    if (const auto role = role_from_text(name)) principal.roles.add(*role);
  }
  std::unique_lock lock(mutex_);
  by_sha256_[token.secret_sha256] = std::move(principal);
}

void TokenTable::admit(std::string_view secret, Principal principal) {
  std::string digest = sha256_hex(secret);
  std::unique_lock lock(mutex_);
  by_sha256_[std::move(digest)] = std::move(principal);
}

std::string make_secret(RandomSource& random) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  std::string secret = "rl_";
  for (const std::uint8_t byte : bytes) {
    secret += kDigits[byte >> 4];
    secret += kDigits[byte & 15];
  }
  return secret;
}

bool is_principal_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '_' && c != '-' && c != '@') return false;
  }
  return true;
}

}  // namespace runledger::core
