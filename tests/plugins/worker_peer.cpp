#include "tests/plugins/worker_peer.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace runledger::core::worker::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

struct WorkerDoor::Listener {
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::make_address_v4("127.0.0.1"), 0}};
};

struct WorkerPeer::Socket {
  explicit Socket(tcp::socket tcp_socket) : stream(std::move(tcp_socket)) {}
  websocket::stream<tcp::socket> stream;
  http::request<http::string_body> upgrade;
};

namespace {

http::request<http::string_body> read_upgrade(tcp::socket& socket) {
  beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::read(socket, buffer, request);
  return request;
}

}  // namespace

WorkerPeer::WorkerPeer(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
WorkerPeer::WorkerPeer(WorkerPeer&&) noexcept = default;
WorkerPeer::~WorkerPeer() = default;

std::string WorkerPeer::target() const {
  return std::string(socket_->upgrade.target());
}
std::string WorkerPeer::authorization() const {
  return std::string(socket_->upgrade[http::field::authorization]);
}
std::string WorkerPeer::host() const {
  return std::string(socket_->upgrade[http::field::host]);
}

protocol::WorkerMessage WorkerPeer::read() {
  beast::flat_buffer buffer;
  socket_->stream.read(buffer);
  auto decoded = protocol::decode_worker_message(beast::buffers_to_string(buffer.data()));
  if (const auto* wrong = std::get_if<protocol::ProtocolError>(&decoded)) {
    throw std::runtime_error(wrong->reason);
  }
  return std::get<protocol::WorkerMessage>(std::move(decoded));
}

void WorkerPeer::send(const protocol::ServerMessage& message) {
  send_text(protocol::encode(message));
}

void WorkerPeer::send_text(const std::string& text) {
  socket_->stream.text(true);
  socket_->stream.write(asio::buffer(text));
}

bool WorkerPeer::wait_for_close() {
  for (;;) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    socket_->stream.read(buffer, error);
    if (error) return error == websocket::error::closed;
  }
}

void WorkerPeer::cut() {
  boost::system::error_code ignored;
  socket_->stream.next_layer().close(ignored);
}

WorkerDoor::WorkerDoor() : listener_(std::make_unique<Listener>()) {}
WorkerDoor::~WorkerDoor() = default;

std::string WorkerDoor::url() const {
  return "http://127.0.0.1:" + std::to_string(listener_->acceptor.local_endpoint().port());
}

WorkerPeer WorkerDoor::accept() {
  tcp::socket socket = listener_->acceptor.accept();
  auto upgrade = read_upgrade(socket);
  auto opened = std::make_unique<WorkerPeer::Socket>(std::move(socket));
  opened->upgrade = std::move(upgrade);
  opened->stream.read_message_max(protocol::kMessageBytesMax);
  opened->stream.accept(opened->upgrade);
  return WorkerPeer(std::move(opened));
}

void WorkerDoor::refuse(unsigned status) {
  tcp::socket socket = listener_->acceptor.accept();
  read_upgrade(socket);
  http::response<http::string_body> response(static_cast<http::status>(status), 11);
  response.body() = "no";
  response.prepare_payload();
  http::write(socket, response);
}

void WorkerDoor::close() {
  listener_->acceptor.close();
}

}  // namespace runledger::core::worker::testing
