// An HTTP server with a list of answers, one for each connection. Listens on a free port.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace runledger::core::worker::testing {

struct StubRequest {
  std::string method;
  std::string target;
  std::string authorization;
  std::string content_type;
  std::string expect;
  std::string body;
};

class HttpStub {
 public:
  // Status codes; kSilence reads the request and says nothing until the client leaves.
  static constexpr unsigned kSilence = 0;
  explicit HttpStub(std::vector<unsigned> answers);
  ~HttpStub();

  std::string url() const;
  void wait_for_requests(std::size_t count) const;
  std::vector<StubRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker::testing
