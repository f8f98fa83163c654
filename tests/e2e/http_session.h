// One keep-alive connection to the server: plain blocking HTTP/1.1, just enough for tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace runledger::e2e {

struct HttpResult {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  nlohmann::ordered_json json() const { return nlohmann::ordered_json::parse(body); }
};

// The connection broke off or could not be made.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HttpSession {
 public:
  HttpSession(std::uint16_t port, std::string token);
  ~HttpSession();
  HttpSession(HttpSession&&) noexcept;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  HttpResult get(const std::string& target, const Headers& headers = {});
  HttpResult post(const std::string& target, const std::string& body, const Headers& headers = {});
  HttpResult request(const std::string& method, const std::string& target, const std::string& body,
                     const Headers& headers);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::e2e
