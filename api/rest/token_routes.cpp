#include "api/rest/json_body.h"
#include "api/rest/replies.h"
#include "api/rest/routes.h"
#include "core/base/sha256.h"
#include "core/domain/json_writer.h"

namespace runledger::api {
namespace {

std::variant<core::TokenCreated, Problem> read_token(const Request& request) {
  auto body = parse_object_body(request.body);
  if (auto* refused = std::get_if<Problem>(&body)) return *refused;
  const Json& json = std::get<Json>(body);
  core::TokenCreated token;
  std::vector<FieldError> errors;
  const auto read_name = [&](const char* member, std::string& into) {
    const auto found = json.find(member);
    if (found != json.end() && found->is_string()) into = found->get<std::string>();
    if (!core::is_principal_name(into)) {
      errors.push_back(
          {std::string("/") + member, "Expected 1 to 64 letters, digits or any of . _ - @"});
    }
  };
  read_name("tenant", token.tenant);
  read_name("user", token.user);
  const auto roles = json.find("roles");
  if (roles != json.end() && roles->is_array()) {
    for (const auto& role : *roles) {
      if (role.is_string()) token.roles.push_back(role.get<std::string>());
    }
  }
  for (const std::string& role : token.roles) {
    if (!core::role_from_text(role))
      errors.push_back({"/roles", "There is no role '" + role + "'"});
  }
  if (token.roles.empty()) {
    errors.push_back({"/roles",
                      "Expected at least one of viewer, submitter, reviewer, worker, "
                      "operator, admin"});
  }
  if (errors.empty()) return token;
  return bad_request("invalid_request", errors.front().pointer + ": " + errors.front().message,
                     errors);
}

Reply create_token(core::Engine& engine, const Request& request) {
  auto read = read_token(request);
  if (const auto* refused = std::get_if<Problem>(&read)) {
    return to_answer(*refused, request.request_id);
  }
  auto token = std::get<core::TokenCreated>(std::move(read));
  token.token_id = engine.ids().make("tok");
  const std::string secret = core::make_secret(engine.random());
  token.secret_sha256 = core::sha256_hex(secret);
  auto command = engine.commands().from_user(request.principal, core::CreateToken{token});
  return submit(engine, std::move(command), request.request_id,
                [secret, token_id = token.token_id](const core::CommandReply& reply) {
                  return json_answer(201, core::JsonWriter()
                                              .text("token_id", token_id)
                                              .text("token", secret)
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
