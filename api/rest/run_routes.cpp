#include "api/rest/json_body.h"
#include "api/rest/query.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "api/rest/run_answer.h"
#include "api/rest/submission.h"
#include "core/base/id_source.h"
#include "core/base/json_writer.h"
#include "core/base/time_text.h"
#include "core/views/reader.h"
#include "core/views/run_view.h"
#include "core/views/why_view.h"

namespace runledger::api {
namespace {

Reply submit_run(core::Engine& engine, const Request& request) {
  auto submission = read_submission(request, engine);
  if (const auto* refused = std::get_if<Problem>(&submission)) {
    return to_answer(*refused, request.request_id);
  }
  auto& read = std::get<core::SubmitRun>(submission);
  if (read.plan != nullptr && !engine.has_room()) {
    return to_answer(no_room(), request.request_id);
  }
  auto command = engine.commands().from_user(request.principal, std::move(read));
  return submit(engine, std::move(command), request.request_id, submitted_answer);
}

Reply submit_runs(core::Engine& engine, const Request& request) {
  auto batch = read_batch(request, engine);
  if (const auto* refused = std::get_if<Problem>(&batch)) {
    return to_answer(*refused, request.request_id);
  }
  auto& read = std::get<core::SubmitRuns>(batch);
  if (read.runs.front().plan != nullptr && !engine.has_room()) {
    return to_answer(no_room(), request.request_id);
  }
  auto command = engine.commands().from_user(request.principal, std::move(read));
  return submit(engine, std::move(command), request.request_id, batch_answer);
}

Reply get_run(core::Engine& engine, const Request& request) {
  const core::Reader reader(engine.storage(), request.principal);
  const auto run = reader.run(request.path_parameters.at(0));
  if (!run) {
    return to_answer(not_found("run", request.path_parameters.at(0)), request.request_id);
  }
  return json_answer(200, core::render_run(*run));
}

std::optional<std::int64_t> read_time(Query& query, const char* name) {
  const std::string text = query.text(name);
  if (text.empty()) return std::nullopt;
  const auto time_us = core::time_from_rfc3339(text);
  if (!time_us) query.complain(name, "Expected a time like 2026-03-01T12:00:00Z");
  return time_us;
}

core::RunFilter read_filter(Query& query) {
  core::RunFilter filter;
  for (const std::string& text : query.list("status")) {
    core::RunStatus status{};
    if (core::from_text(text, status)) {
      filter.statuses.push_back(status);
    } else {
      query.complain("status", "There is no status '" + text + "'");
    }
  }
  filter.task_type = query.text("task");
  filter.workflow = query.text("workflow");
  filter.created_after_us = read_time(query, "created_after");
  filter.created_before_us = read_time(query, "created_before");
  for (const std::string& label : query.list("label")) {
    const std::size_t colon = label.find(':');
    if (colon == std::string::npos) {
      query.complain("label", "Expected name:value");
    } else {
      filter.labels.emplace_back(label.substr(0, colon), label.substr(colon + 1));
    }
  }
  filter.after_run_id = query.text("cursor");
  if (!filter.after_run_id.empty() && !core::is_id(filter.after_run_id, "run")) {
    query.complain("cursor", "Expected the next_cursor of an earlier answer");
  }
  filter.limit = query.natural("limit", 50, 1, core::kPageItemsMax);
  return filter;
}

// What it waits for, and what the runs below it do; of one that has ended, nothing.
Reply get_why(core::Engine& engine, const Request& request) {
  const core::Reader reader(engine.storage(), request.principal);
  const auto find = [&](const std::string& run_id) {
    auto run = reader.outline(run_id);
    if (run && !run->ended()) run->plan = reader.plan(*run);
    return run;
  };
  const std::string& run_id = request.path_parameters.at(0);
  const auto run = find(run_id);
  if (!run) return to_answer(not_found("run", run_id), request.request_id);
  return json_answer(200, core::render_why(*run, find));
}

Reply list_runs(core::Engine& engine, const Request& request) {
  Query query(request);
  const core::RunFilter filter = read_filter(query);
  if (auto wrong = query.problem()) return to_answer(*wrong, request.request_id);
  const core::Reader reader(engine.storage(), request.principal);
  const core::RunsPage page = reader.runs(filter);
  core::JsonArray items;
  for (const std::string& item : page.items) items.add(item);
  return json_answer(
      200,
      core::JsonWriter()
          .json("items", items.take())
          .json("next_cursor", page.next_cursor ? core::json_quoted(*page.next_cursor) : "null")
          .take());
}

}  // namespace

void add_run_routes(std::vector<Route>& routes, core::Engine& engine) {
  const auto with = [&engine](auto handler) {
    return [&engine, handler](const Request& request) {
      return handler(engine, request);
    };
  };
  routes.push_back(
      {"POST", "/v1/runs", Scope::kSubmit, kBodyBytesMax, Served::kApplication, with(submit_run)});
  routes.push_back({"POST", "/v1/runs:batch", Scope::kSubmit, kBodyBytesMax, Served::kApplication,
                    with(submit_runs)});
  routes.push_back({"GET", "/v1/runs", Scope::kRead, 0, Served::kApplication, with(list_runs)});
  routes.push_back(
      {"GET", "/v1/runs/{run_id}", Scope::kRead, 0, Served::kApplication, with(get_run)});
  routes.push_back(
      {"GET", "/v1/runs/{run_id}/why", Scope::kRead, 0, Served::kApplication, with(get_why)});
}

}  // namespace runledger::api
