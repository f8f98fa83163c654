#include "api/rest/json_body.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "core/access/new_token.h"
#include "core/base/json_writer.h"

namespace runledger::api {
namespace {

std::string text_of(const Json& json, const char* member) {
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::vector<std::string> texts_of(const Json& json, const char* member) {
  std::vector<std::string> texts;
  const auto found = json.find(member);
  if (found == json.end() || !found->is_array()) return texts;
  for (const auto& each : *found)
    texts.push_back(each.is_string() ? each.get<std::string>() : each.dump());
  return texts;
}

Problem problem_of(const std::vector<core::TokenComplaint>& complaints) {
  std::vector<FieldError> errors;
  for (const auto& complaint : complaints) {
    errors.push_back({"/" + complaint.member, complaint.message});
  }
  return bad_request("invalid_request", std::move(errors));
}

Reply create_token(core::Engine& engine, const Request& request) {
  const auto body = parse_object_body(request.body);
  if (const auto* refused = std::get_if<Problem>(&body)) {
    return to_answer(*refused, request.request_id);
  }
  const Json& json = std::get<Json>(body);
  const auto made = core::make_token(text_of(json, "tenant"), text_of(json, "user"),
                                     texts_of(json, "roles"), engine.ids(), engine.random());
  if (const auto* complaints = std::get_if<std::vector<core::TokenComplaint>>(&made)) {
    return to_answer(problem_of(*complaints), request.request_id);
  }
  const auto token = std::get<core::NewToken>(made);
  auto command = engine.commands().from_user(request.principal, core::CreateToken{token.record});
  return submit(engine, std::move(command), request.request_id,
                [token](const core::CommandReply& reply) {
                  return json_answer(201, core::JsonWriter()
                                              .text("token_id", token.record.token_id)
                                              .text("token", token.secret)
                                              .number("offset", std::get<core::Done>(reply).offset)
                                              .take());
                });
}

}  // namespace

void add_token_routes(std::vector<Route>& routes, core::Engine& engine) {
  routes.push_back({"POST", "/v1/tokens", Scope::kAdmin, 4096, Served::kApplication,
                    [&engine](const Request& request) {
                      return create_token(engine, request);
                    }});
}

}  // namespace runledger::api
