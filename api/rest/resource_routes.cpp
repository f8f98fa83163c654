#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "core/views/reader.h"
#include "core/views/run_view.h"

namespace runledger::api {
namespace {

using Found = core::Reader::FoundResource;

std::optional<Found> find(core::Engine& engine, const Request& request) {
  const core::Reader reader(engine.storage(), request.principal);
  return reader.resource(request.path_parameters.at(0));
}

Reply get_resource(core::Engine& engine, const Request& request) {
  const auto found = find(engine, request);
  if (!found) {
    return to_answer(not_found("resource", request.path_parameters.at(0)), request.request_id);
  }
  return json_answer(200, core::render_resource(found->run, found->resource));
}

Reply get_content(core::Engine& engine, const Request& request) {
  const auto found = find(engine, request);
  if (!found) {
    return to_answer(not_found("resource", request.path_parameters.at(0)), request.request_id);
  }
  const core::ResourceState& resource = found->resource;
  if (resource.status != core::ResourceStatus::kSucceeded) {
    Problem problem = bad_request(
        "not_there_yet", "The resource is still " + std::string(core::to_text(resource.status)));
    problem.status = 409;
    problem.retryable = true;
    return to_answer(problem, request.request_id);
  }
  const auto stored = engine.artifacts().find(resource.sha256);
  if (!stored || stored->size != resource.size) {
    Problem problem = bad_request("content_lost",
                                  "The stored content is not what was recorded of it; the "
                                  "operator has to restore it");
    problem.status = 500;
    return to_answer(problem, request.request_id);
  }
  return FileReply{engine.artifacts().path_of(resource.sha256).string(), resource.media_type,
                   resource.sha256, resource.name};
}

}  // namespace

void add_resource_routes(std::vector<Route>& routes, core::Engine& engine) {
  routes.push_back({"GET", "/v1/resources/{resource_id}", Scope::kRead, 0, Served::kApplication,
                    [&engine](const Request& request) {
                      return get_resource(engine, request);
                    }});
  routes.push_back({"GET", "/v1/resources/{resource_id}/content", Scope::kRead, 0,
                    Served::kApplication, [&engine](const Request& request) {
                      return get_content(engine, request);
                    }});
}

}  // namespace runledger::api
