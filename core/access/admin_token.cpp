#include "core/access/admin_token.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "core/access/token_table.h"
#include "core/base/sha256.h"
#include "eventlog/durable_file.h"

namespace runledger::core {
namespace {

std::string read_secret(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    throw std::runtime_error("Expected to read " + file.string() + ", but cannot");
  }
  if ((info.st_mode & 077) != 0) {
    throw std::runtime_error("Expected only the owner to have access to " + file.string() +
                             ", but others have it too; run: chmod 600 " + file.string());
  }
  std::ifstream in(file);
  std::string secret;
  std::getline(in, secret);
  if (secret.size() < 32) {
    throw std::runtime_error("Expected a token in " + file.string() +
                             ", but it is too short to be one; delete the file to get a new one");
  }
  return secret;
}

}  // namespace

std::optional<TokenCreated> ensure_admin_token(
    const std::filesystem::path& file,
    const std::map<std::string, TokenCreated, std::less<>>& known_tokens, IdSource& ids,
    RandomSource& random) {
  if (!std::filesystem::exists(file)) eventlog::write_durably(file, make_secret(random) + "\n");
  const std::string digest = sha256_hex(read_secret(file));
  const bool known = std::any_of(known_tokens.begin(), known_tokens.end(), [&](const auto& each) {
    return each.second.secret_sha256 == digest;
  });
  if (known) return std::nullopt;
  return TokenCreated{ids.make("tok"), "default", "admin", {"admin"}, digest};
}

}  // namespace runledger::core
