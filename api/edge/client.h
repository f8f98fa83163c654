// One client's socket with what has been read from it but not used yet. One lane's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "api/edge/head.h"
#include "api/edge/settings.h"
#include "api/http/problem.h"

namespace runledger::api {

struct Client {
  Client(boost::asio::ip::tcp::socket socket, std::size_t buffer_bytes_max)
      : stream(std::move(socket)), buffer(buffer_bytes_max) {}

  std::string_view unread() const {
    return {static_cast<const char*>(buffer.data().data()), buffer.size()};
  }

  boost::beast::tcp_stream stream;
  boost::beast::flat_buffer buffer;
};

struct ClientGone {};  // nobody is left to answer

// False: the client has gone, or did not take a part of the bytes within write_timeout.
boost::asio::awaitable<bool> write_all(Client& client, std::string_view bytes,
                                       const EdgeLimits& limits);

// Tells a client that waits for it to send the body. False as above.
boost::asio::awaitable<bool> send_continue(Client& client, const Head& head,
                                           const EdgeLimits& limits);

// The whole body that follows `head_text`. A Problem means that the rest of it is unread.
using BodyResult = std::variant<std::string, Problem, ClientGone>;
boost::asio::awaitable<BodyResult> read_body(Client& client, std::string_view head_text,
                                             std::size_t body_bytes_max, const EdgeLimits& limits);

// What a failed read of a body means.
std::variant<Problem, ClientGone> explain_body_error(const boost::system::error_code& error,
                                                     bool is_out_of_time,
                                                     std::uint64_t body_bytes_max);

// Ends the connection so that the client sees the last answer even while it is still sending:
// closing with unread bytes would reset the connection and could destroy the answer.
boost::asio::awaitable<void> close_politely(Client& client, const EdgeLimits& limits);

}  // namespace runledger::api
