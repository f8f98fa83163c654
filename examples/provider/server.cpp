#include "examples/provider/server.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sstream>
#include <stdexcept>

#include "examples/provider/target.h"

namespace runledger::provider {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kChunkBytes = 16 * 1024;

tcp::endpoint loopback_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool number = !digits.empty() && digits.size() <= 5 &&
                      digits.find_first_not_of("0123456789") == std::string::npos;
  const int port = number ? std::stoi(digits) : -1;
  if (error || !address.is_loopback() || port < 0 || port > 65535) {
    throw std::invalid_argument("Expected an address of loopback and a port, as 127.0.0.1:0");
  }
  return {address, static_cast<std::uint16_t>(port)};
}

std::string url_of(const tcp::endpoint& endpoint) {
  std::ostringstream out;
  out << "http://" << endpoint;
  return out.str();
}

Request request_of(const http::request<http::string_body>& message) {
  Request request;
  request.method = std::string(message.method_string());
  read_target(std::string(message.target()), request);
  request.authorization = std::string(message[http::field::authorization]);
  request.idempotency_key = std::string(message["Idempotency-Key"]);
  request.body = message.body();
  return request;
}

std::string head_of(const Answer& answer) {
  const auto status = static_cast<http::status>(answer.status);
  std::ostringstream head;
  head << "HTTP/1.1 " << answer.status << ' ' << http::obsolete_reason(status) << "\r\n";
  head << "Content-Type: " << answer.media_type << "\r\n";
  for (const auto& [name, value] : answer.headers) head << name << ": " << value << "\r\n";
  if (answer.delivery.way == Way::kEndless) {
    head << "Transfer-Encoding: chunked\r\n\r\n";
  } else {
    const auto size = static_cast<std::int64_t>(answer.body.size());
    head << "Content-Length: " << std::max<std::int64_t>(0, size + answer.delivery.length_surplus)
         << "\r\n\r\n";
  }
  return head.str();
}

asio::awaitable<bool> send(beast::tcp_stream& stream, const std::string& bytes) {
  stream.expires_after(kIdleMax);
  const auto buffer = asio::buffer(bytes);
  const auto [error, sent] = co_await asio::async_write(stream, buffer, kResult);
  co_return !error;
}

asio::awaitable<void> wait(beast::tcp_stream& stream, std::chrono::milliseconds duration) {
  asio::steady_timer timer(stream.get_executor(), duration);
  co_await timer.async_wait(kResult);
}

// Until the client leaves, or kSilenceMax is over.
asio::awaitable<void> keep_silent(beast::tcp_stream& stream) {
  stream.expires_after(kSilenceMax);
  std::array<char, 512> ignored;
  const auto buffer = asio::buffer(ignored);
  for (bool open = true; open;) {
    const auto [error, read] = co_await stream.async_read_some(buffer, kResult);
    open = !error;
  }
}

asio::awaitable<void> send_without_end(beast::tcp_stream& stream) {
  const std::string chunk = "4000\r\n" + std::string(kChunkBytes, ' ') + "\r\n";
  bool open = true;
  for (std::uint64_t sent = 0; open && sent < kEndlessBytesMax; sent += kChunkBytes) {
    open = co_await send(stream, chunk);
  }
}

asio::awaitable<void> send_slowly(beast::tcp_stream& stream, const Answer& answer) {
  bool open = true;
  for (std::size_t i = 0; open && i < answer.body.size(); ++i) {
    co_await wait(stream, answer.delivery.byte_every);
    const std::string byte(1, answer.body[i]);
    open = co_await send(stream, byte);
  }
}

// True: the answer is whole, and the connection can be used again.
asio::awaitable<bool> deliver(beast::tcp_stream& stream, const Answer& answer) {
  if (answer.delivery.delay.count() > 0) co_await wait(stream, answer.delivery.delay);
  const std::string head = head_of(answer);
  switch (answer.delivery.way) {
    case Way::kSilence:
      co_await keep_silent(stream);
      co_return false;
    case Way::kDrop:
      co_return false;
    case Way::kTrickle:
      if (co_await send(stream, head)) co_await send_slowly(stream, answer);
      co_return false;
    case Way::kCut: {
      const std::string half = head + answer.body.substr(0, answer.body.size() / 2);
      co_await send(stream, half);
      co_return false;
    }
    case Way::kEndless:
      if (co_await send(stream, head)) co_await send_without_end(stream);
      co_return false;
    case Way::kWhole: {
      const std::string whole = head + answer.body;
      const bool sent = co_await send(stream, whole);
      co_return sent&& answer.delivery.length_surplus == 0;
    }
  }
  co_return false;
}

}  // namespace

struct Server::Impl {
  explicit Impl(const tcp::endpoint& endpoint)
      : listener(io, endpoint), dead(io), signals(io, SIGTERM, SIGINT) {
    const tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    dead.open(any.protocol());
    dead.bind(any);  // and does not listen
  }

  asio::awaitable<void> accept();
  asio::awaitable<void> serve(tcp::socket socket);
  asio::awaitable<void> converse(beast::tcp_stream& stream);

  asio::io_context io{1};
  tcp::acceptor listener;
  tcp::acceptor dead;
  asio::signal_set signals;
  Answerer answerer;
  std::size_t connections = 0;
};

asio::awaitable<void> Server::Impl::accept() {
  for (;;) {
    auto [error, socket] = co_await listener.async_accept(kResult);
    if (error == asio::error::operation_aborted) co_return;
    if (error || connections >= kConnectionsMax) continue;
    asio::co_spawn(io, serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> Server::Impl::serve(tcp::socket socket) {
  ++connections;
  beast::tcp_stream stream(std::move(socket));
  co_await converse(stream);
  boost::system::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  --connections;
}

asio::awaitable<void> Server::Impl::converse(beast::tcp_stream& stream) {
  beast::flat_buffer buffer(kHeadBytesMax + kRequestBytesMax);
  for (bool open = true; open;) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeadBytesMax);
    parser.body_limit(kRequestBytesMax);
    stream.expires_after(kIdleMax);
    const auto [error, read] = co_await http::async_read(stream, buffer, parser, kResult);
    if (error == http::error::body_limit) {
      const Answer too_large{413, ""};
      co_await deliver(stream, too_large);
    }
    if (error) co_return;
    const Answer answer = answerer(request_of(parser.get()));
    stream.expires_never();
    open = co_await deliver(stream, answer);
    open = open && parser.get().keep_alive();
  }
}

Server::Server(const std::string& listen) : impl_(std::make_unique<Impl>(loopback_of(listen))) {}

Server::~Server() = default;

std::string Server::base_url() const {
  return url_of(impl_->listener.local_endpoint());
}

std::string Server::dead_url() const {
  return url_of(impl_->dead.local_endpoint());
}

void Server::run(Answerer answerer) {
  impl_->answerer = std::move(answerer);
  impl_->signals.async_wait([this](const auto&, int) { impl_->io.stop(); });
  asio::co_spawn(impl_->io, impl_->accept(), asio::detached);
  impl_->io.run();
}

}  // namespace runledger::provider
