// One WebSocket connection to the server. run() does all its work on the calling thread; send() and
// close() may be called from any thread, at any time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace runledger::core::worker {

enum class SocketEnd {
  kUnavailable,   // no connection came about
  kNotPermitted,  // the server does not take this token
  kClosed,        // it was open, and has ended
};

class ServerSocket {
 public:
  // "http://host:port". Throws std::invalid_argument on another form.
  ServerSocket(const std::string& server_url, std::string token);
  ~ServerSocket();
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  // Connects and hands over each frame until the connection ends. Once.
  SocketEnd run(std::function<void()> on_open, std::function<void(std::string_view)> on_frame);
  void send(std::string frame);  // in order; nothing once the connection has ended
  void close();                  // after what was sent before
  std::string reason() const;    // why it ended, for the log; after run()

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
