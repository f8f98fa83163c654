#include "core/worker/server_socket.h"

#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <stdexcept>

#include "core/protocol/messages.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr std::chrono::seconds kConnectTimeout{10};
constexpr std::chrono::seconds kHandshakeTimeout{10};

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
    stream.set_option(
        websocket::stream_base::timeout{kHandshakeTimeout, kConnectionIdleTime, true});
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
      outgoing = use.first_frame();
      write();
      beast::flat_buffer buffer;
      for (;;) {
        co_await stream.async_read(buffer, asio::use_awaitable);
        const auto data = buffer.cdata();
        use.on_frame({static_cast<const char*>(data.data()), data.size()});
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
  void write_next() {
    woken = false;
    if (!open || writing || closed) return;
    if (auto frame = use.next_frame()) {
      outgoing = *std::move(frame);
      write();
    } else if (closing) {
      closed = true;
      stream.async_close(websocket::close_code::normal, [](error_code) {});
    }
  }

  void write() {
    writing = true;
    stream.async_write(asio::buffer(outgoing), [this](error_code failed, std::size_t) {
      writing = false;
      if (!failed) write_next();  // else the read ends the session
    });
  }

  void begin_close() {
    closing = true;
    open ? write_next() : io.stop();
  }

  const Address address;
  const std::string token;
  asio::io_context io{1};
  websocket::stream<beast::tcp_stream> stream{io};
  SocketUse use;
  SocketEnd end = SocketEnd::kUnavailable;
  std::string reason;
  std::string outgoing;
  bool open = false;
  bool writing = false;
  bool closing = false;
  bool closed = false;
  std::atomic<bool> woken = false;  // write_next() is on its way already
};

ServerSocket::ServerSocket(const std::string& server_url, std::string token)
    : impl_(std::make_unique<Impl>(parse(server_url), std::move(token))) {}

ServerSocket::~ServerSocket() = default;

SocketEnd ServerSocket::run(SocketUse use) {
  impl_->use = std::move(use);
  asio::co_spawn(impl_->io, impl_->talk(), asio::detached);
  impl_->io.run();
  return impl_->end;
}

void ServerSocket::wake() {
  if (impl_->woken.exchange(true)) return;
  asio::post(impl_->io, [impl = impl_.get()] { impl->write_next(); });
}

void ServerSocket::close() {
  asio::post(impl_->io, [impl = impl_.get()] { impl->begin_close(); });
}

std::string ServerSocket::reason() const {
  return impl_->reason;
}

}  // namespace runledger::core::worker
