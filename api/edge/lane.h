// One thread of the edge with everything that it owns: its connections, its share of the pairs.
// Connections never leave their lane, so nothing in it is locked.
#pragma once

#include <memory>
#include <set>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include "api/edge/connection_count.h"
#include "api/edge/pair_pool.h"
#include "api/edge/settings.h"
#include "api/http/route_table.h"
#include "core/access/authenticator.h"
#include "core/artifacts/artifact_store.h"
#include "core/dispatch/worker_gateway.h"
#include "core/engine/news.h"

namespace runledger::api {

class Connection;

// What all lanes refer to.
struct EdgeServices {
  const EdgeSettings& settings;
  const RouteTable& routes;
  PistacheApplication& application;
  const core::Authenticator& authenticator;
  core::WorkerGateway& gateway;
  core::ArtifactStore& artifacts;
  core::News& news;
  boost::asio::thread_pool& disk;
  ConnectionCount& connections;
};

class Lane {
 public:
  Lane(EdgeServices services, std::size_t pairs);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Any thread.
  boost::asio::any_io_executor executor() { return context_.get_executor(); }
  void start();
  void begin_drain();  // connections finish what they are at, then close
  void cut_off();      // closes what is left
  void join();         // after the last connection has gone

  // The lane's own thread. The connection has been counted; its end is.
  void serve(boost::asio::ip::tcp::socket socket);

  EdgeServices services;
  std::size_t uploads = 0;  // under way
  PairPool& pool() { return pool_; }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  PairPool pool_;
  std::set<std::shared_ptr<Connection>> connections_;
  bool is_draining_ = false;
  std::thread thread_;
};

}  // namespace runledger::api
