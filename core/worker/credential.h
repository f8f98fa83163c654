// A secret that plugins use by its name and never see: the worker adds it to a call, and only to
// one that goes to the origin it is for.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runledger::core::worker {

struct Credential {
  std::string name;    // "coze"
  std::string origin;  // "https://api.coze.com:443"
  std::string header;  // "Authorization"
  std::string value;   // "Bearer …"
  std::string secret;  // the part of it that nobody is to see
};

inline constexpr std::size_t kCredentialBytesMax = 16 * 1024;
inline constexpr std::size_t kCredentialsMax = 256;

// Reads one as it is configured: NAME=ORIGIN,SOURCE[,HEADER]. SOURCE is `file:PATH` or
// `env:VARIABLE`; white space at the end of the secret is not part of it. Without HEADER it is sent
// as `Authorization: Bearer SECRET`. The text is what is wrong, and never has the secret.
std::variant<Credential, std::string> read_credential(std::string_view configured);

struct Credentials {
  std::vector<Credential> all;
  std::vector<std::string> problems;
};
Credentials read_credentials(const std::vector<std::string>& configured);

}  // namespace runledger::core::worker
