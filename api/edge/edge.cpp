#include "api/edge/edge.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "api/edge/connection.h"
#include "api/edge/lane.h"
#include "api/edge/request_id.h"

namespace runledger::api {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptRetry{100};

EdgeSettings completed(EdgeSettings settings) {
  if (!settings.make_request_id) settings.make_request_id = random_request_id;
  settings.threads = std::max(settings.threads, 1);
  settings.disk_threads = std::max(settings.disk_threads, 1);
  return settings;
}

}  // namespace

class Edge::Impl {
 public:
  Impl(EdgeSettings given, const RouteTable& routes, PistacheApplication& application,
       const core::Authenticator& authenticator, core::WorkerGateway& gateway,
       core::ArtifactStore& artifacts, core::News& news)
      : settings_(completed(std::move(given))),
        disk_(static_cast<std::size_t>(settings_.disk_threads)),
        services_{settings_, routes, application, authenticator, gateway,
                  artifacts, news,   disk_,       connections_} {}

  void start();
  void stop();
  std::uint16_t port() const { return port_; }

 private:
  void listen();
  asio::awaitable<void> accept();
  asio::awaitable<void> refuse(tcp::socket socket);

  const EdgeSettings settings_;
  asio::thread_pool disk_;
  ConnectionCount connections_;
  EdgeServices services_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::optional<tcp::acceptor> acceptor_;  // on the first lane
  std::uint16_t port_ = 0;
  std::size_t next_lane_ = 0;
  std::mutex stop_mutex_;
};

void Edge::Impl::start() {
  auto threads = static_cast<std::size_t>(settings_.threads);
  std::size_t pairs = services_.application.settings().pairs_max / threads;
  for (std::size_t i = 0; i < threads; ++i) {
    lanes_.push_back(std::make_unique<Lane>(services_, std::max<std::size_t>(pairs, 1)));
  }
  listen();
  for (auto& lane : lanes_) lane->start();
  asio::co_spawn(lanes_.front()->executor(), accept(), asio::detached);
}

void Edge::Impl::listen() {
  std::string where = settings_.address + ":" + std::to_string(settings_.port);
  boost::system::error_code error;
  auto address = asio::ip::make_address(settings_.address, error);
  if (error) {
    throw std::runtime_error("cannot listen on " + where + ": expected an IPv4 or IPv6 address");
  }
  tcp::endpoint endpoint(address, settings_.port);
  acceptor_.emplace(lanes_.front()->executor());
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    acceptor_.reset();
    std::string hint = error == asio::error::address_in_use
                           ? "; another program, or another server, listens there already"
                           : "";
    throw std::runtime_error("cannot listen on " + where + ": " + error.message() + hint);
  }
  port_ = acceptor_->local_endpoint().port();
}

asio::awaitable<void> Edge::Impl::accept() {
  asio::steady_timer pause(acceptor_->get_executor());
  while (acceptor_->is_open()) {
    Lane& lane = *lanes_[next_lane_];
    next_lane_ = (next_lane_ + 1) % lanes_.size();
    tcp::socket socket(lane.executor());
    auto [error] = co_await acceptor_->async_accept(socket, kResult);
    if (error) {
      if (!acceptor_->is_open()) break;
      spdlog::warn("cannot accept a connection: {}", error.message());
      pause.expires_after(kAcceptRetry);
      co_await pause.async_wait(kResult);
    } else if (!connections_.add(settings_.limits.connections_max)) {
      asio::co_spawn(lane.executor(), refuse(std::move(socket)), asio::detached);
    } else {
      // Not moved into the lambda directly: a posted handler must be copyable.
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      asio::post(lane.executor(), [&lane, shared] { lane.serve(std::move(*shared)); });
    }
  }
}

asio::awaitable<void> Edge::Impl::refuse(tcp::socket socket) {
  Delivery delivery{.request_id = settings_.make_request_id(), .closes = true};
  Answer answer = to_answer({.status = 503,
                             .code = "too_many_connections",
                             .detail = "The server has as many connections as it takes",
                             .retryable = true,
                             .retry_after_s = 1},
                            delivery.request_id);
  std::string bytes = response_head(answer, answer.body.size(), delivery) + answer.body;
  // A fresh socket's buffer takes this at once; nobody waits for the client.
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  co_return;
}

void Edge::Impl::stop() {
  std::scoped_lock lock(stop_mutex_);
  if (lanes_.empty()) return;
  if (acceptor_) asio::post(acceptor_->get_executor(), [this] { acceptor_->close(); });
  for (auto& lane : lanes_) lane->begin_drain();
  if (!connections_.wait_for_none(settings_.limits.drain_timeout)) {
    spdlog::warn("cutting off {} connections after {} ms", connections_.get(),
                 settings_.limits.drain_timeout.count());
    for (auto& lane : lanes_) lane->cut_off();
    connections_.wait_for_none();
  }
  for (auto& lane : lanes_) lane->join();
  disk_.join();
  acceptor_.reset();
  lanes_.clear();
}

Edge::Edge(EdgeSettings settings, const RouteTable& routes, PistacheApplication& application,
           const core::Authenticator& authenticator, core::WorkerGateway& gateway,
           core::ArtifactStore& artifacts, core::News& news)
    : impl_(std::make_unique<Impl>(std::move(settings), routes, application, authenticator, gateway,
                                   artifacts, news)) {}

Edge::~Edge() {
  impl_->stop();
}

void Edge::start() {
  impl_->start();
}

std::uint16_t Edge::port() const {
  return impl_->port();
}

void Edge::stop() {
  impl_->stop();
}

}  // namespace runledger::api
