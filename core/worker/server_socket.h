// One WebSocket connection to the server. run() does all its work on the calling thread; wake() and
// close() may be called from any thread, at any time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::core::worker {

enum class SocketEnd {
  kUnavailable,   // no connection came about
  kNotPermitted,  // the server does not take this token
  kClosed,        // it was open, and has ended
};

// What a connection calls, on the thread of run().
struct SocketUse {
  std::function<std::string()> first_frame;  // it is open
  std::function<void(std::string_view)> on_frame;
  // It can write: the next frame, or nothing until it is woken. So what comes together while a
  // frame is on its way can go out as one.
  std::function<std::optional<std::string>()> next_frame;
};

class ServerSocket {
 public:
  // "http://host:port". Throws std::invalid_argument on another form.
  ServerSocket(const std::string& server_url, std::string token);
  ~ServerSocket();
  ServerSocket(const ServerSocket&) = delete;
  ServerSocket& operator=(const ServerSocket&) = delete;

  // Connects and hands over each frame until the connection ends. Once.
  SocketEnd run(SocketUse use);
  void wake();                 // there may be a next frame
  void close();                // when there is no next frame
  std::string reason() const;  // why it ended, for the log; after run()

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
