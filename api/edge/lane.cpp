#include "api/edge/lane.h"

#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "api/edge/connection.h"

namespace runledger::api {

namespace asio = boost::asio;

Lane::Lane(EdgeServices given, std::size_t pairs)
    : services(given),
      work_(asio::make_work_guard(context_)),
      pool_(context_.get_executor(), given.application, pairs,
            given.settings.limits.in_flight_max) {}

Lane::~Lane() {
  join();
}

void Lane::start() {
  thread_ = std::thread([this] { context_.run(); });
}

void Lane::serve(asio::ip::tcp::socket socket) {
  auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connections_.insert(connection);
  if (is_draining_) connection->begin_drain();
  auto on_end = [this, connection](std::exception_ptr error) {
    connections_.erase(connection);
    services.connections.remove();
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& reason) {
      spdlog::error("a connection failed: {}", reason.what());
    }
  };
  asio::co_spawn(context_, connection->run(), on_end);
}

void Lane::begin_drain() {
  asio::post(context_, [this] {
    is_draining_ = true;
    for (const auto& connection : connections_) connection->begin_drain();
  });
}

void Lane::cut_off() {
  asio::post(context_, [this] {
    pool_.close();
    for (const auto& connection : connections_) connection->cut_off();
  });
}

void Lane::join() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] { pool_.close(); });
  work_.reset();
  thread_.join();
}

}  // namespace runledger::api
