#include "tests/api/websocket_client.h"

#include <cstdint>

namespace runledger::api {

std::optional<HttpResponse> WebSocketClient::shake_hands(std::string_view token) {
  std::string text = "GET /v1/worker HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n";
  text += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  text += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ";
  return http_.exchange(text.append(token).append("\r\n\r\n"));
}

bool WebSocketClient::send(std::string_view payload, int opcode) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  std::uint64_t size = payload.size();
  auto add_size = [&](int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      frame += static_cast<char>(size >> shift & 0xFF);
    }
  };
  if (size < 126) {
    frame += static_cast<char>(0x80 | size);
  } else if (size < 65536) {
    frame += static_cast<char>(0x80 | 126);
    add_size(2);
  } else {
    frame += static_cast<char>(0x80 | 127);
    add_size(8);
  }
  constexpr std::string_view kMask = "\x11\x22\x33\x44";
  frame += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return http_.send(frame);
}

std::optional<Frame> WebSocketClient::read() {
  auto head = http_.read_bytes(2);
  if (!head) return std::nullopt;
  auto number = [](std::string_view bytes) {
    std::uint64_t value = 0;
    for (char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  };
  Frame frame;
  frame.opcode = head->at(0) & 0x0F;
  std::uint64_t size = head->at(1) & 0x7F;
  if (size >= 126) {
    auto extended = http_.read_bytes(size == 126 ? 2 : 8);
    if (!extended) return std::nullopt;
    size = number(*extended);
  }
  auto payload = http_.read_bytes(size);
  if (!payload) return std::nullopt;
  frame.payload = std::move(*payload);
  if (frame.opcode == kCloseFrame && frame.payload.size() >= 2) {
    frame.close_code = static_cast<int>(number(frame.payload.substr(0, 2)));
    frame.payload.erase(0, 2);
  }
  return frame;
}

}  // namespace runledger::api
