// The one public port: owns every client socket, checks and limits each request, and answers it
// with what the application said. See README.md.
#pragma once

#include <cstdint>
#include <memory>

#include "api/edge/settings.h"
#include "api/http/route_table.h"
#include "api/rest/transport/pistache_application.h"
#include "core/access/authenticator.h"
#include "core/artifacts/artifact_store.h"
#include "core/dispatch/worker_gateway.h"
#include "core/engine/news.h"

namespace runledger::api {

class Edge {
 public:
  // What is referred to must outlive the edge.
  Edge(EdgeSettings settings, const RouteTable& routes, PistacheApplication& application,
       const core::Authenticator& authenticator, core::WorkerGateway& gateway,
       core::ArtifactStore& artifacts, core::News& news);
  ~Edge();  // stops
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  // Binds, listens and begins to serve. Throws std::runtime_error with a sentence for the operator.
  void start();
  // The port that start() bound.
  std::uint16_t port() const;
  // No new connections; requests in flight are finished for up to drain_timeout, what is left after
  // it is cut off. Holds are answered at once, worker sessions closed. Returns when all are gone.
  // May be called twice, by any thread but the edge's own.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::api
