#include "core/worker/credential.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "core/egress/http_message.h"

namespace runledger::core::worker {
namespace {

constexpr std::string_view kForm = "NAME=ORIGIN,file:PATH|env:VARIABLE[,HEADER]";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
         });
}

std::optional<std::string> secret_of(std::string_view source) {
  std::string secret;
  if (source.starts_with("env:")) {
    const char* value = std::getenv(std::string(source.substr(4)).c_str());
    if (value == nullptr) return std::nullopt;
    secret = value;
  } else {
    std::ifstream file(std::string(source.substr(5)), std::ios::binary);
    if (!file) return std::nullopt;
    secret.resize(kCredentialBytesMax + 1);
    file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
    secret.resize(static_cast<std::size_t>(file.gcount()));
  }
  while (!secret.empty() && std::isspace(static_cast<unsigned char>(secret.back())) != 0) {
    secret.pop_back();
  }
  return secret;
}

bool can_be_sent(std::string_view secret) {
  return !secret.empty() && secret.size() <= kCredentialBytesMax &&
         std::all_of(secret.begin(), secret.end(),
                     [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

// The next part up to a comma, taken off the front.
std::string_view take_part(std::string_view& rest) {
  const std::size_t comma = rest.find(',');
  const std::string_view part = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  return part;
}

}  // namespace

std::variant<Credential, std::string> read_credential(std::string_view configured) {
  const std::size_t equals = configured.find('=');
  const std::string name(configured.substr(0, equals));
  if (equals == std::string_view::npos || !is_name(name)) {
    return "Expected a credential as " + std::string(kForm) +
           ", with a name of letters, digits, '_', '-' and '.'";
  }
  const auto wrong = [&](const std::string& what) {
    return "Credential " + name + ": " + what;
  };
  std::string_view rest = configured.substr(equals + 1);
  const auto origin = egress::origin_of(take_part(rest));
  const std::string_view source = take_part(rest);
  const std::string_view header = rest;
  if (!origin) return wrong("expected an origin such as https://api.example.com first");
  if (!source.starts_with("file:") && !source.starts_with("env:")) {
    return wrong("expected file:PATH or env:VARIABLE after the origin");
  }
  const auto secret = secret_of(source);
  if (!secret) return wrong("there is no " + std::string(source) + " that can be read");
  if (!can_be_sent(*secret)) {
    return wrong(std::string(source) + " is empty, too long, or has a control character");
  }
  Credential credential{name, *origin, "Authorization", "Bearer " + *secret, *secret};
  if (!header.empty()) {
    credential.header = header;
    credential.value = *secret;
  }
  egress::HttpRequest probe;
  probe.url = *origin + "/";
  probe.headers = {{credential.header, credential.value}};
  if (!egress::request_problem(probe).empty()) {
    return wrong("'" + credential.header + "' is no header that can be set");
  }
  return credential;
}

Credentials read_credentials(const std::vector<std::string>& configured) {
  Credentials read;
  for (const std::string& each : configured) {
    auto one = read_credential(each);
    if (auto* problem = std::get_if<std::string>(&one)) {
      read.problems.push_back(std::move(*problem));
      continue;
    }
    auto& credential = std::get<Credential>(one);
    const auto same = [&](const Credential& known) {
      return known.name == credential.name;
    };
    if (std::any_of(read.all.begin(), read.all.end(), same)) {
      read.problems.push_back("Credential " + credential.name + " is given twice");
    } else if (read.all.size() == kCredentialsMax) {
      read.problems.push_back("There are more than " + std::to_string(kCredentialsMax) +
                              " credentials");
    } else {
      read.all.push_back(std::move(credential));
    }
  }
  return read;
}

}  // namespace runledger::core::worker
