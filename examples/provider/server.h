// The provider's HTTP server: HTTP/1.1 on one thread, the one that calls run().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "examples/provider/message.h"

namespace runledger::provider {

inline constexpr std::size_t kConnectionsMax = 256;  // more are closed at once
inline constexpr std::size_t kHeadBytesMax = 16 * 1024;
inline constexpr std::size_t kRequestBytesMax = 1024 * 1024;  // of a body
inline constexpr std::chrono::seconds kIdleMax{60};           // for a request or an answer
inline constexpr std::chrono::seconds kSilenceMax{600};
inline constexpr std::uint64_t kEndlessBytesMax = std::uint64_t{4} << 30;

class Server {
 public:
  using Answerer = std::function<Answer(const Request&)>;

  // Listens from here on. Throws std::system_error where it cannot, std::invalid_argument for an
  // address that is not of loopback ("127.0.0.1:0", "[::1]:9000").
  explicit Server(const std::string& listen);
  ~Server();

  std::string base_url() const;
  // Of a port of loopback that refuses connections as long as this lives.
  std::string dead_url() const;
  // Until SIGTERM or SIGINT.
  void run(Answerer answerer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::provider
