#include "api/rest/json_body.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "api/rest/submission.h"
#include "core/base/json_writer.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

std::string task_type_json(const core::TaskType& type) {
  core::JsonWriter out;
  out.text("name", type.registered.name)
      .text("version", type.registered.version)
      .text("plugin_sha256", type.registered.plugin_sha256);
  const Json manifest = Json::parse(type.registered.manifest.text, nullptr, false);
  for (const char* member : {"description", "input_schema", "output_schema", "risk", "examples"}) {
    if (manifest.contains(member)) out.json(member, manifest[member].dump());
  }
  return out.take();
}

Reply list_task_types(core::Engine& engine, const Request&) {
  core::JsonArray items;
  for (const auto& [name, type] : *engine.task_types().snapshot()) items.add(task_type_json(type));
  return json_answer(200, core::JsonWriter().json("items", items.take()).take());
}

Reply meta(core::Engine& engine, const Request&) {
  const std::string limits = core::JsonWriter()
                                 .number("body_bytes", std::uint64_t{kBodyBytesMax})
                                 .number("labels", std::uint64_t{kLabelsMax})
                                 .number("page_items", std::uint64_t{core::kPageItemsMax})
                                 .number("page_events", std::uint64_t{core::kEventsPageMax})
                                 .number("artifact_bytes", core::kArtifactBytesMax)
                                 .take();
  return json_answer(200, core::JsonWriter()
                              .text("name", "runledger")
                              .text("version", RUNLEDGER_VERSION)
                              .number("head_offset", engine.storage().log().head())
                              .number("workers", std::uint64_t{engine.dispatcher().workers()})
                              .json("limits", limits)
                              .take());
}

Reply healthz(core::Engine&, const Request&) {
  return json_answer(200, R"({"status":"ok"})");
}

// Ready: commands are taken and somebody is there to do the work.
Reply readyz(core::Engine& engine, const Request& request) {
  const std::size_t workers = engine.dispatcher().workers();
  if (engine.serving() && workers > 0) {
    return json_answer(200, core::JsonWriter()
                                .text("status", "ready")
                                .number("workers", std::uint64_t{workers})
                                .take());
  }
  Problem problem;
  problem.status = 503;
  problem.code = "not_ready";
  problem.detail = engine.serving() ? "No worker has registered yet" : "The engine has stopped";
  problem.retryable = true;
  problem.retry_after_s = 1;
  return to_answer(problem, request.request_id);
}

}  // namespace

void add_system_routes(std::vector<Route>& routes, core::Engine& engine) {
  const auto add = [&](const char* path, Scope scope, auto handler) {
    routes.push_back(
        {"GET", path, scope, 0, Served::kApplication, [&engine, handler](const Request& request) {
           return handler(engine, request);
         }});
  };
  add("/v1/task-types", Scope::kRead, list_task_types);
  add("/v1/meta", Scope::kRead, meta);
  add("/healthz", Scope::kPublic, healthz);
  add("/readyz", Scope::kPublic, readyz);
}

}  // namespace runledger::api
