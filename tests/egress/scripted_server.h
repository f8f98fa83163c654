// A TCP server on a free port of loopback that answers by a script: for each connection, in order,
// one function gets the request's text and the socket. Reads a request to its end first.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace runledger::core::egress::testing {

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  void send(const std::string& bytes) const;
  // Until the client has gone.
  void wait_for_end() const;

 private:
  int socket_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(const std::string& request, const Connection& client)>;

  explicit ScriptedServer(std::vector<Script> scripts);
  ~ScriptedServer();  // waits for the connection that is being served

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "/") const;
  std::vector<std::string> requests() const;
  // Until so many have come.
  void wait_for_requests(std::size_t count) const;

 private:
  void serve();

  const std::vector<Script> scripts_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable heard_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A script that sends this and closes.
ScriptedServer::Script says(const std::string& bytes);
std::string ok(const std::string& body, const std::string& headers = "");

}  // namespace runledger::core::egress::testing
