#include "core/domain/event_upgrades.h"

#include "core/workflow/reference_syntax.h"

namespace runledger::core::upgrades {
namespace {

constexpr std::uint64_t kOverdueAfterMs = 24ull * 3600 * 1000;  // as version 2 began with

Json& member(Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) {
    throw JsonShapeError(std::string("member '") + name + "' is missing");
  }
  return object[name];
}

// What looked like a reference was none.
void make_literal(Json& value) {
  if (value.is_string()) value = escape_references(value.get_ref<const std::string&>());
  if (!value.is_structured()) return;
  for (Json& child : value) make_literal(child);
}

}  // namespace

Json run_created_1(Json payload) {
  Json tasks = Json::array();
  Json steps = Json::array();
  for (Json& old : member(member(payload, "spec"), "steps")) {
    make_literal(member(old, "input"));
    tasks.push_back({{"step", member(old, "id")}, {"task_id", member(old, "task_id")}});
    steps.push_back({{"id", member(old, "id")},
                     {"task", member(old, "task")},
                     {"input", member(old, "input")},
                     {"on_error", "fail"}});
  }
  payload["spec"] = Json{{"steps", std::move(steps)}};
  payload["tasks"] = std::move(tasks);
  payload["input"] = Json::object();
  payload["overdue_after_ms"] = kOverdueAfterMs;
  return payload;
}

Json task_step_completed_1(Json payload) {
  payload["kind"] = "step";
  return payload;
}

Json with_nothing_added(Json payload) {
  return payload;
}

}  // namespace runledger::core::upgrades
