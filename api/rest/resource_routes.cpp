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

Reply content_of(core::Engine& engine, const core::ResourceState& resource,
                 const Request& request) {
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

Reply get_content(core::Engine& engine, const Request& request) {
  const auto found = find(engine, request);
  if (!found) {
    return to_answer(not_found("resource", request.path_parameters.at(0)), request.request_id);
  }
  return content_of(engine, found->resource, request);
}

// For a task that a worker has leased, as its run's owner sees it: the id comes from the input,
// which a tenant has written.
Reply get_content_for_task(core::Engine& engine, const Request& request) {
  const std::string& task_id = request.path_parameters.at(0);
  const core::Principal everyone{"", "", {core::Role::kAdmin}, ""};
  const auto run = core::Reader(engine.storage(), everyone).run_of_task(task_id);
  const core::TaskState* task = run ? run->find_task(task_id) : nullptr;
  if (task == nullptr || (task->status != core::TaskStatus::kRunning && !task->parked())) {
    return to_answer(not_found("leased task", task_id), request.request_id);
  }
  const core::Principal owner{run->tenant, run->owner, {core::Role::kViewer}, ""};
  const auto found = core::Reader(engine.storage(), owner).resource(request.path_parameters.at(1));
  if (!found) {
    return to_answer(not_found("resource", request.path_parameters.at(1)), request.request_id);
  }
  return content_of(engine, found->resource, request);
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
  routes.push_back({"GET", "/v1/worker/tasks/{task_id}/resources/{resource_id}/content",
                    Scope::kWorker, 0, Served::kApplication, [&engine](const Request& request) {
                      return get_content_for_task(engine, request);
                    }});
}

}  // namespace runledger::api
