#include "tests/api/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "api/http/field.h"

namespace runledger::api {
namespace {

constexpr int kPatienceMs = 20'000;  // far more than any test needs

}  // namespace

HttpClient::HttpClient(std::uint16_t port, int receive_buffer_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer_bytes > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

HttpClient::~HttpClient() {
  ::close(fd_);
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::read_more() {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, kPatienceMs) <= 0) return false;
  char buffer[64 * 1024];
  ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  unread_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::optional<HttpResponse> HttpClient::read(bool is_head) {
  std::size_t end;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::nullopt;
  }
  HttpResponse response;
  std::string head = unread_.substr(0, end + 2);
  unread_.erase(0, end + 4);
  if (head.size() < 12) return std::nullopt;
  response.status = std::stoi(head.substr(9, 3));
  for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
    std::size_t line_end = head.find("\r\n", line);
    std::string text = head.substr(line, line_end - line);
    std::size_t colon = text.find(": ");
    response.fields[to_lower(text.substr(0, colon))] = text.substr(colon + 2);
    line = line_end + 2;
  }
  std::string length = response.field("content-length");
  if (is_head || length.empty()) return response;
  auto body = read_bytes(std::stoul(length));
  if (!body) return std::nullopt;
  response.body = std::move(*body);
  return response;
}

std::optional<std::string> HttpClient::read_bytes(std::size_t size) {
  while (unread_.size() < size) {
    if (!read_more()) return std::nullopt;
  }
  std::string bytes = unread_.substr(0, size);
  unread_.erase(0, size);
  return bytes;
}

std::optional<HttpResponse> HttpClient::get(std::string_view target, std::string_view fields) {
  return exchange(request_text("GET", target, fields));
}

std::optional<HttpResponse> HttpClient::exchange(std::string_view bytes) {
  send(bytes);
  return read();
}

bool HttpClient::is_ended() {
  pollfd waiting{fd_, POLLIN, 0};
  char buffer[64 * 1024];
  for (;;) {
    if (::poll(&waiting, 1, kPatienceMs) <= 0) return false;
    if (::recv(fd_, buffer, sizeof buffer, 0) <= 0) return true;
  }
}

void HttpClient::reset() {
  linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view fields,
                         std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  text.append("Authorization: Bearer admin\r\n").append(fields);
  if (!body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ");
    text.append(std::to_string(body.size())).append("\r\n");
  }
  return text.append("\r\n").append(body);
}

}  // namespace runledger::api
