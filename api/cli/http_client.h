// The client commands' HTTP: libcurl, one request at a time, no redirects, no proxies.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/failure.h"

namespace runledger::cli {

inline constexpr std::size_t kClientAnswerBytesMax = 64 * 1024 * 1024;

struct HttpAnswer {
  long status = 0;
  std::string body;
};

// The server could not be reached, or broke off: what() says how.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HttpClient {
 public:
  HttpClient(std::string server, std::string token);
  ~HttpClient();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // body empty: none is sent. Throws Unreachable.
  HttpAnswer request(const std::string& method, const std::string& path,
                     const std::string& body = "", const Headers& headers = {});
  // The answer's body when the status is below 400, else throws Failure with what the problem says.
  std::string expect(const std::string& method, const std::string& path,
                     const std::string& body = "", const Headers& headers = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What a command says of an answer from 400 up.
Failure failure_of(const HttpAnswer& answer);

// The text as one path segment or query value.
std::string percent_encoded(const std::string& text);

}  // namespace runledger::cli
