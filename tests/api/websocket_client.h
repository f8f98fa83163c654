// The client's side of a WebSocket, frame by frame (RFC 6455).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/api/http_client.h"

namespace runledger::api {

inline constexpr int kTextFrame = 1;
inline constexpr int kBinaryFrame = 2;
inline constexpr int kCloseFrame = 8;
inline constexpr int kPingFrame = 9;
inline constexpr int kPongFrame = 10;

struct Frame {
  int opcode = 0;
  std::string payload;  // of a close frame: the reason, without the code
  int close_code = 0;
};

class WebSocketClient {
 public:
  explicit WebSocketClient(std::uint16_t port, int receive_buffer_bytes = 0)
      : http_(port, receive_buffer_bytes) {}

  std::optional<HttpResponse> shake_hands(std::string_view token = "worker");
  bool send(std::string_view payload, int opcode = kTextFrame);
  std::optional<Frame> read();
  HttpClient& raw() { return http_; }

 private:
  HttpClient http_;
};

}  // namespace runledger::api
