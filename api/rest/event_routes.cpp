#include "api/rest/query.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "core/base/json_writer.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kEventsDefault = 1000;
constexpr std::uint64_t kHoldSecondsMax = 30;

// The status is read first: an answer that says `succeeded` is never short of events that it knew
// of.
Reply run_events(core::Engine& engine, const Request& request) {
  Query query(request);
  const auto from = query.natural("from", 0, 0, kAnyNumber);
  const auto limit = query.natural("limit", kEventsDefault, 1, core::kEventsPageMax);
  const auto wait_s = query.natural("wait", 0, 0, kHoldSecondsMax);
  if (auto wrong = query.problem()) return to_answer(*wrong, request.request_id);
  const core::Reader reader(engine.storage(), request.principal);
  const auto run = reader.outline(request.path_parameters.at(0));
  if (!run) {
    return to_answer(not_found("run", request.path_parameters.at(0)), request.request_id);
  }
  const core::EventsPage page = reader.run_events(*run, from, limit);
  Answer answer = json_answer(200, core::JsonWriter()
                                       .text("run_id", run->run_id)
                                       .text("status", core::to_text(run->status))
                                       .json("events", page.events)
                                       .number("next_offset", page.next)
                                       .boolean("has_more", page.has_more)
                                       .take());
  if (page.count == 0 && wait_s > 0 && !run->ended()) {
    return Hold{run->run_id, static_cast<int>(wait_s), std::move(answer)};
  }
  return answer;
}

Reply all_events(core::Engine& engine, const Request& request) {
  Query query(request);
  const auto from = query.natural("from", 0, 0, kAnyNumber);
  const auto limit = query.natural("limit", kEventsDefault, 1, core::kEventsPageMax);
  const auto types = query.list("type");
  if (auto wrong = query.problem()) return to_answer(*wrong, request.request_id);
  const core::Reader reader(engine.storage(), request.principal);
  const core::EventsPage page = reader.feed(from, limit, types);
  return json_answer(200, core::JsonWriter()
                              .json("events", page.events)
                              .number("next_offset", page.next)
                              .boolean("has_more", page.has_more)
                              .take());
}

}  // namespace

void add_event_routes(std::vector<Route>& routes, core::Engine& engine) {
  routes.push_back({"GET", "/v1/runs/{run_id}/events", Scope::kRead, 0, Served::kApplication,
                    [&engine](const Request& request) {
                      return run_events(engine, request);
                    }});
  routes.push_back({"GET", "/v1/events", Scope::kRead, 0, Served::kApplication,
                    [&engine](const Request& request) {
                      return all_events(engine, request);
                    }});
}

}  // namespace runledger::api
