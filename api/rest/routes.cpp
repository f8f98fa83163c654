#include "api/rest/routes.h"

namespace runledger::api {

std::vector<Route> make_routes(core::Engine& engine) {
  std::vector<Route> routes;
  add_run_routes(routes, engine);
  add_decision_routes(routes, engine);
  add_definition_routes(routes, engine);
  add_event_routes(routes, engine);
  add_resource_routes(routes, engine);
  add_token_routes(routes, engine);
  add_system_routes(routes, engine);
  routes.push_back({"GET", "/v1/worker", Scope::kWorker, 0, Served::kWorkerSession, {}});
  routes.push_back(
      {"PUT", "/v1/worker/artifacts/{sha256}", Scope::kWorker, 0, Served::kArtifactUpload, {}});
  return routes;
}

}  // namespace runledger::api
