// Workflows and schedules: defining, reading, ending.
#include "api/rest/json_body.h"
#include "api/rest/query.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "api/rest/schedule_body.h"
#include "api/rest/spec_check.h"
#include "core/access/token_table.h"
#include "core/base/json_writer.h"
#include "core/base/time_text.h"
#include "core/views/reader.h"

namespace runledger::api {
namespace {

constexpr std::size_t kDescriptionBytesMax = 4096;

Answer items_answer(const std::vector<std::string>& items) {
  core::JsonArray array;
  for (const std::string& item : items) array.add(item);
  return json_answer(200, core::JsonWriter().json("items", array.take()).take());
}

std::variant<core::DefineWorkflow, Problem> read_definition(const Request& request,
                                                            core::Engine& engine) {
  auto parsed = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&parsed)) return *refused;
  Json spec = std::get<Json>(std::move(parsed));
  core::DefineWorkflow define;
  std::vector<FieldError> errors;
  const auto take_text = [&](const char* name, std::size_t bytes_max) -> std::string {
    const auto found = spec.find(name);
    if (found == spec.end()) return {};
    if (found->is_string() && found->get_ref<const std::string&>().size() <= bytes_max) {
      return found->get<std::string>();
    }
    errors.push_back({std::string("/") + name,
                      "Expected a string of at most " + std::to_string(bytes_max) + " bytes"});
    return {};
  };
  define.name = take_text("name", kDescriptionBytesMax);
  define.description = take_text("description", kDescriptionBytesMax);
  spec.erase("description");
  // A name is a part of a path, where dots alone lead elsewhere.
  if (!core::is_principal_name(define.name) || define.name == "." || define.name == "..") {
    errors.push_back({"/name", "Expected 1 to 64 letters, digits or . _ - @, not dots alone"});
  }
  auto checked = read_spec(spec, "", request.principal, engine);
  std::string code = "invalid_request";
  if (auto* faults = std::get_if<SpecFaults>(&checked)) {
    if (errors.empty()) code = faults->code;
    errors.insert(errors.end(), faults->errors.begin(), faults->errors.end());
  }
  if (!errors.empty()) {
    return bad_request(code, errors);
  }
  define.spec = {core::to_json(std::get<core::WorkflowSpec>(checked))};
  return define;
}

Answer workflow_answer(const core::CommandReply& reply) {
  const auto& accepted = std::get<core::WorkflowAccepted>(reply);
  Answer answer = json_answer(accepted.was_so ? 200 : 201, core::JsonWriter()
                                                               .text("name", accepted.name)
                                                               .number("version", accepted.version)
                                                               .number("offset", accepted.offset)
                                                               .take());
  answer.headers = {{"Location", "/v1/workflows/" + accepted.name + "/versions/" +
                                     std::to_string(accepted.version)}};
  return answer;
}

Reply define_workflow(core::Engine& engine, const Request& request) {
  if (!engine.has_room()) return to_answer(no_room(), request.request_id);
  auto definition = read_definition(request, engine);
  if (const auto* refused = std::get_if<Problem>(&definition)) {
    return to_answer(*refused, request.request_id);
  }
  auto command = engine.commands().from_user(request.principal,
                                             std::get<core::DefineWorkflow>(std::move(definition)));
  return submit(engine, std::move(command), request.request_id, workflow_answer);
}

Reply list_workflows(core::Engine& engine, const Request& request) {
  if (auto wrong = Query(request).problem()) return to_answer(*wrong, request.request_id);
  return items_answer(core::Reader(engine.storage(), request.principal).workflows());
}

Reply workflow_reply(core::Engine& engine, const Request& request, std::uint32_t version) {
  const core::Reader reader(engine.storage(), request.principal);
  const std::string& name = request.path_parameters.at(0);
  const auto latest = reader.latest_workflow(name);
  const auto found =
      latest ? reader.workflow(name, version == 0 ? latest->version : version) : std::nullopt;
  if (!found && latest) {
    return to_answer(not_found("version of workflow " + name, std::to_string(version)),
                     request.request_id);
  }
  if (!found) return to_answer(not_found("workflow", name), request.request_id);
  return json_answer(200, *found);
}

Reply get_workflow(core::Engine& engine, const Request& request) {
  return workflow_reply(engine, request, 0);
}

Reply get_workflow_version(core::Engine& engine, const Request& request) {
  const std::string& text = request.path_parameters.at(1);
  constexpr std::size_t kDigitsMax = 9;
  const bool number = !text.empty() && text.size() <= kDigitsMax && text[0] != '0' &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  if (!number) return to_answer(not_found("version", text), request.request_id);
  return workflow_reply(engine, request, static_cast<std::uint32_t>(std::stoul(text)));
}

Reply archive_workflow(core::Engine& engine, const Request& request) {
  auto command = engine.commands().from_user(request.principal,
                                             core::ArchiveWorkflow{request.path_parameters.at(0)});
  return submit(engine, std::move(command), request.request_id,
                [](const core::CommandReply& reply) {
                  Answer answer = workflow_answer(reply);
                  answer.status = 200;
                  return answer;
                });
}

Reply define_schedule(core::Engine& engine, const Request& request) {
  if (!engine.has_room()) return to_answer(no_room(), request.request_id);
  auto read = read_schedule(request, engine);
  if (const auto* refused = std::get_if<Problem>(&read)) {
    return to_answer(*refused, request.request_id);
  }
  auto schedule = std::get<core::ScheduleDefined>(std::move(read));
  const std::string schedule_id = schedule.schedule_id;
  const std::string next_at = core::rfc3339(schedule.next_us);
  auto command =
      engine.commands().from_user(request.principal, core::DefineSchedule{std::move(schedule)});
  return submit(engine, std::move(command), request.request_id,
                [schedule_id, next_at](const core::CommandReply& reply) {
                  return json_answer(201, core::JsonWriter()
                                              .text("schedule_id", schedule_id)
                                              .text("next_at", next_at)
                                              .number("offset", std::get<core::Done>(reply).offset)
                                              .take());
                });
}

Reply list_schedules(core::Engine& engine, const Request& request) {
  if (auto wrong = Query(request).problem()) return to_answer(*wrong, request.request_id);
  return items_answer(core::Reader(engine.storage(), request.principal).schedules());
}

Reply delete_schedule(core::Engine& engine, const Request& request) {
  auto command = engine.commands().from_user(request.principal,
                                             core::DeleteSchedule{request.path_parameters.at(0)});
  return submit(
      engine, std::move(command), request.request_id, [](const core::CommandReply& reply) {
        return json_answer(
            200, core::JsonWriter().number("offset", std::get<core::Done>(reply).offset).take());
      });
}

}  // namespace

void add_definition_routes(std::vector<Route>& routes, core::Engine& engine) {
  const auto add = [&](const char* method, const char* pattern, Scope scope, std::size_t bytes_max,
                       auto handler) {
    routes.push_back({method, pattern, scope, bytes_max, Served::kApplication,
                      [&engine, handler](const Request& request) {
                        return handler(engine, request);
                      }});
  };
  add("POST", "/v1/workflows", Scope::kSubmit, kBodyBytesMax, define_workflow);
  add("GET", "/v1/workflows", Scope::kRead, 0, list_workflows);
  add("GET", "/v1/workflows/{name}", Scope::kRead, 0, get_workflow);
  add("GET", "/v1/workflows/{name}/versions/{version}", Scope::kRead, 0, get_workflow_version);
  add("DELETE", "/v1/workflows/{name}", Scope::kSubmit, 0, archive_workflow);
  add("POST", "/v1/schedules", Scope::kSubmit, kBodyBytesMax, define_schedule);
  add("GET", "/v1/schedules", Scope::kRead, 0, list_schedules);
  add("DELETE", "/v1/schedules/{schedule_id}", Scope::kSubmit, 0, delete_schedule);
}

}  // namespace runledger::api
