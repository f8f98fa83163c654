// A client that sends exactly the bytes it is told to, over a blocking socket.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace runledger::api {

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;

  std::string field(const std::string& name) const {
    auto it = fields.find(name);
    return it == fields.end() ? "" : it->second;
  }
};

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port, int receive_buffer_bytes = 0);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False when the server has closed.
  bool send(std::string_view bytes);
  // The next response; nullopt when the connection ends first, or nothing comes for a long time.
  std::optional<HttpResponse> read(bool is_head = false);
  // send() and read() of one request without a body.
  std::optional<HttpResponse> get(std::string_view target, std::string_view fields = "");
  std::optional<HttpResponse> exchange(std::string_view bytes);
  // Raw bytes, for what is no HTTP.
  std::optional<std::string> read_bytes(std::size_t size);
  bool is_ended();  // waits for the server to close
  void reset();     // closes at once, with RST

 private:
  bool read_more();
  int fd_;
  std::string unread_;
};

std::string request_text(std::string_view method, std::string_view target,
                         std::string_view fields = "", std::string_view body = "");

}  // namespace runledger::api
