// The stand-in for remote providers (examples/provider) as a child process on a free port of
// loopback, ended by its pid.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/e2e/http_session.h"

namespace runledger::provider::testing {

inline constexpr const char* kToken = "secret-of-the-test";

class ProviderProcess {
 public:
  // Listens when this returns. Throws std::runtime_error with the exit code where it does not.
  explicit ProviderProcess(const std::vector<std::string>& more = {},
                           const std::string& listen = "127.0.0.1:0");
  ~ProviderProcess();
  ProviderProcess(const ProviderProcess&) = delete;
  ProviderProcess& operator=(const ProviderProcess&) = delete;

  const std::string& url() const { return url_; }  // "http://127.0.0.1:40001"
  std::uint16_t port() const;
  int stop();  // SIGTERM; the exit code, 128 + N for signal N

  e2e::HttpSession session(const std::string& token = kToken) const {
    return e2e::HttpSession(port(), token);
  }
  // Switches a fault on; false where the provider does not take it.
  bool fault(const std::string& body) const;
  nlohmann::ordered_json counters() const;

 private:
  pid_t pid_ = -1;
  std::string url_;
};

}  // namespace runledger::provider::testing
