#include "core/worker/server_socket.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <stdexcept>

#include "core/protocol/messages.h"

namespace runledger::core::worker {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr std::chrono::seconds kConnectTimeout{10};
constexpr std::chrono::seconds kHandshakeTimeout{10};
constexpr std::chrono::seconds kIdleTimeout{30};  // a ping is sent at half of it

struct Address {
  std::string host;
  std::string port;
  std::string authority;  // for the Host header: an IPv6 address in brackets, and the port
};

Address parse(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  std::string rest = url.starts_with(kScheme) ? url.substr(kScheme.size()) : "";
  while (rest.ends_with('/')) rest.pop_back();
  const std::size_t colon = rest.rfind(':');
  const std::size_t bracket = rest.rfind(']');
  const bool has_port =
      colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  Address address{has_port ? rest.substr(0, colon) : rest, has_port ? rest.substr(colon + 1) : "80",
                  rest};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty() || address.host.find('/') != std::string::npos) {
    throw std::invalid_argument("Expected a server URL like http://127.0.0.1:8080, got " + url);
  }
  return address;
}

}  // namespace

// Handlers refer to it without owning it: those that are still waiting at the end are destroyed
// with the io_context, and a handler that owned it would keep both for ever.
struct ServerSocket::Impl {
  Impl(Address to, std::string bearer) : address(std::move(to)), token(std::move(bearer)) {}

  asio::awaitable<void> connect() {
    asio::ip::tcp::resolver resolver(io);
    auto& tcp = beast::get_lowest_layer(stream);
    tcp.expires_after(kConnectTimeout);
    const auto found =
        co_await resolver.async_resolve(address.host, address.port, asio::use_awaitable);
    co_await tcp.async_connect(found, asio::use_awaitable);
    tcp.socket().set_option(asio::ip::tcp::no_delay(true));
    tcp.expires_never();
    stream.set_option(websocket::stream_base::timeout{kHandshakeTimeout, kIdleTimeout, true});
    stream.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(beast::http::field::authorization, "Bearer " + token);
    }));
    stream.read_message_max(protocol::kMessageBytesMax);
    websocket::response_type response;
    try {
      co_await stream.async_handshake(response, address.authority, "/v1/worker",
                                      asio::use_awaitable);
    } catch (const boost::system::system_error&) {
      const auto status = response.result_int();
      if (status == 401 || status == 403) end = SocketEnd::kNotPermitted;
      throw;
    }
  }

  asio::awaitable<void> talk() {
    try {
      co_await connect();
      end = SocketEnd::kClosed;
      open = true;
      on_open();
      beast::flat_buffer buffer;
      for (;;) {
        co_await stream.async_read(buffer, asio::use_awaitable);
        const auto data = buffer.cdata();
        on_frame({static_cast<const char*>(data.data()), data.size()});
        buffer.clear();
      }
    } catch (const boost::system::system_error& ended) {
      reason = ended.code().message();
    } catch (const std::exception& failed) {  // from a callback
      reason = failed.what();
    }
    open = false;
    error_code ignored;
    beast::get_lowest_layer(stream).socket().close(ignored);
    io.stop();
  }

  // On the thread of run().
  void enqueue(std::string frame) {
    if (!open || closing) return;
    outbox.push_back(std::move(frame));
    if (!writing) write_next();
  }

  void write_next() {
    if (outbox.empty()) {
      writing = false;
      if (closing) {
        stream.async_close(websocket::close_code::normal, [](error_code) {});
      }
      return;
    }
    writing = true;
    stream.async_write(asio::buffer(outbox.front()), [this](error_code failed, std::size_t) {
      if (failed) return;  // the read ends the session
      outbox.pop_front();
      write_next();
    });
  }

  void begin_close() {
    if (closing) return;
    closing = true;
    if (!open) {
      io.stop();
    } else if (!writing) {
      write_next();
    }
  }

  const Address address;
  const std::string token;
  asio::io_context io{1};
  websocket::stream<beast::tcp_stream> stream{io};
  std::function<void()> on_open;
  std::function<void(std::string_view)> on_frame;
  SocketEnd end = SocketEnd::kUnavailable;
  std::string reason;
  std::deque<std::string> outbox;  // bounded by the session's window of reports
  bool open = false;
  bool writing = false;
  bool closing = false;
};

ServerSocket::ServerSocket(const std::string& server_url, std::string token)
    : impl_(std::make_unique<Impl>(parse(server_url), std::move(token))) {}

ServerSocket::~ServerSocket() = default;

SocketEnd ServerSocket::run(std::function<void()> on_open,
                            std::function<void(std::string_view)> on_frame) {
  impl_->on_open = std::move(on_open);
  impl_->on_frame = std::move(on_frame);
  asio::co_spawn(impl_->io, impl_->talk(), asio::detached);
  impl_->io.run();
  return impl_->end;
}

void ServerSocket::send(std::string frame) {
  asio::post(impl_->io, [impl = impl_.get(), text = std::move(frame)]() mutable {
    impl->enqueue(std::move(text));
  });
}

void ServerSocket::close() {
  asio::post(impl_->io, [impl = impl_.get()] { impl->begin_close(); });
}

std::string ServerSocket::reason() const {
  return impl_->reason;
}

}  // namespace runledger::core::worker
