#include "core/access/new_token.h"

#include "core/access/token_table.h"
#include "core/base/sha256.h"

namespace runledger::core {
namespace {

std::vector<TokenComplaint> complaints_about(const std::string& tenant, const std::string& user,
                                             const std::vector<std::string>& roles) {
  constexpr const char* kNameRule = "Expected 1 to 64 letters, digits or any of . _ - @";
  std::vector<TokenComplaint> complaints;
  if (!is_principal_name(tenant)) complaints.push_back({"tenant", kNameRule});
  if (!is_principal_name(user)) complaints.push_back({"user", kNameRule});
  if (roles.empty()) {
    complaints.push_back({"roles",
                          "Expected at least one of viewer, submitter, reviewer, worker, "
                          "operator, admin"});
  }
  for (const std::string& role : roles) {
    if (!role_from_text(role)) complaints.push_back({"roles", "There is no role '" + role + "'"});
  }
  return complaints;
}

}  // namespace

std::variant<NewToken, std::vector<TokenComplaint>> make_token(
    const std::string& tenant, const std::string& user, const std::vector<std::string>& roles,
    IdSource& ids, RandomSource& random) {
  auto complaints = complaints_about(tenant, user, roles);
  if (!complaints.empty()) return complaints;
  NewToken token;
  token.secret = make_secret(random);
  token.record = {ids.make("tok"), tenant, user, roles, sha256_hex(token.secret)};
  return token;
}

}  // namespace runledger::core
