#include "api/edge/client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "api/edge/read_deadline.h"
#include "api/edge/wire.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kWriteBytes = 256 * 1024;  // one write_timeout each

}  // namespace

asio::awaitable<bool> write_all(Client& client, std::string_view bytes, const EdgeLimits& limits) {
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, kWriteBytes);
    bytes.remove_prefix(part.size());
    client.stream.expires_after(limits.write_timeout);
    auto [error, written] =
        co_await asio::async_write(client.stream, asio::buffer(part.data(), part.size()), kResult);
    if (error) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> send_continue(Client& client, const Head& head, const EdgeLimits& limits) {
  bool is_wanted = head.expects_continue && head.has_body() && client.unread().empty();
  if (!is_wanted) co_return true;
  co_return co_await write_all(client, kContinue, limits);
}

std::variant<Problem, ClientGone> explain_body_error(const boost::system::error_code& error,
                                                     bool is_out_of_time,
                                                     std::uint64_t body_bytes_max) {
  if (error == http::error::body_limit) {
    return Problem{
        .status = 413,
        .code = "body_too_large",
        .detail = "Expected a body of at most " + std::to_string(body_bytes_max) + " bytes"};
  }
  if (is_out_of_time) {
    return Problem{.status = 408,
                   .code = "request_timeout",
                   .detail = "Expected the whole body sooner",
                   .retryable = true};
  }
  bool is_malformed =
      error.category() == http::make_error_code(http::error::bad_chunk).category() &&
      error != http::error::partial_message && error != http::error::end_of_stream;
  if (is_malformed) {
    return Problem{.status = 400,
                   .code = "bad_framing",
                   .detail = "Expected a well-formed body: " + error.message()};
  }
  return ClientGone{};
}

asio::awaitable<BodyResult> read_body(Client& client, std::string_view head_text,
                                      std::size_t body_bytes_max, const EdgeLimits& limits) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(body_bytes_max);
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
  boost::system::error_code error;
  parser.put(asio::buffer(head_text.data(), head_text.size()), error);
  ReadDeadline deadline(client, std::chrono::steady_clock::now() + limits.body_timeout);
  if (!error) {
    std::size_t size = 0;
    std::tie(error, size) =
        co_await http::async_read(client.stream, client.buffer, parser, kResult);
  }
  if (error) {
    auto reason = explain_body_error(error, deadline.has_expired(), body_bytes_max);
    if (auto* problem = std::get_if<Problem>(&reason)) co_return std::move(*problem);
    co_return ClientGone{};
  }
  co_return std::move(parser.get().body());
}

asio::awaitable<void> close_politely(Client& client, const EdgeLimits& limits) {
  boost::system::error_code ignored;
  client.stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  client.buffer.clear();
  client.stream.expires_after(limits.linger_timeout);
  std::vector<char> discarded(64 * 1024);
  for (std::size_t total = 0; total < limits.linger_bytes_max;) {
    auto [error, size] = co_await client.stream.async_read_some(asio::buffer(discarded), kResult);
    if (error) break;
    total += size;
  }
  client.stream.close();
}

}  // namespace runledger::api
