#include "api/edge/admission.h"

#include "api/http/field.h"
#include "api/http/target.h"

namespace runledger::api {
namespace {

using core::Role;

// nullopt: the scheme is another one. Without the field: "", which the authenticator may accept
// where no token is needed.
std::optional<std::string_view> bearer_token(const Head& head) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view value = head.field("authorization");
  if (value.empty()) return std::string_view();
  if (!equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  return trim(value.substr(kScheme.size()));
}

Answer unauthenticated(const std::string& request_id) {
  Answer answer = to_answer({.status = 401,
                             .code = "unauthenticated",
                             .detail = "Expected 'Authorization: Bearer' with a valid token"},
                            request_id);
  answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"runledger\"");
  return answer;
}

std::string_view needed_roles(Scope scope) {
  switch (scope) {
    case Scope::kPublic:
      return "none";
    case Scope::kRead:
      return "viewer, submitter, reviewer, operator or admin";
    case Scope::kSubmit:
      return "submitter, operator or admin";
    case Scope::kDecide:
      return "reviewer, submitter, operator or admin";
    case Scope::kAdmin:
      return "admin";
    case Scope::kWorker:
      return "worker or admin";
  }
  return "";
}

bool is_json(std::string_view content_type) {
  return equals_ignoring_case(trim(content_type.substr(0, content_type.find(';'))),
                              "application/json");
}

std::optional<Problem> check_body(const Head& head, const Route& route) {
  // An upload has its own limit, and its bytes are of any type.
  if (route.served == Served::kArtifactUpload || !head.has_body()) return std::nullopt;
  if (route.body_bytes_max == 0) {
    return Problem{.status = 400,
                   .code = "body_not_expected",
                   .detail = "Expected no body for " + route.method + " " + route.pattern};
  }
  if (head.content_length && *head.content_length > route.body_bytes_max) {
    return Problem{
        .status = 413,
        .code = "body_too_large",
        .detail = "Expected a body of at most " + std::to_string(route.body_bytes_max) + " bytes"};
  }
  if (!is_json(head.field("content-type"))) {
    return Problem{.status = 415,
                   .code = "unsupported_media_type",
                   .detail = "Expected 'Content-Type: application/json'"};
  }
  return std::nullopt;
}

Request to_request(const Head& head, Target target, RouteMatch& match,
                   const std::string& request_id) {
  Request request;
  request.method = head.method == "HEAD" ? "GET" : head.method;
  request.path = std::move(target.path);
  request.path_parameters = std::move(match.path_parameters);
  request.query = std::move(target.query);
  for (const auto& [name, value] : head.fields) {
    auto [it, is_new] = request.headers.emplace(name, value);
    if (!is_new) it->second += ", " + value;
  }
  request.request_id = request_id;
  return request;
}

}  // namespace

bool may(const core::Principal& principal, Scope scope) {
  auto any_of = [&](std::initializer_list<Role> roles) {
    for (Role role : roles) {
      if (principal.may(role)) return true;
    }
    return false;
  };
  switch (scope) {
    case Scope::kPublic:
      return true;
    case Scope::kRead:
      return any_of({Role::kViewer, Role::kSubmitter, Role::kReviewer, Role::kOperator});
    case Scope::kSubmit:
      return any_of({Role::kSubmitter, Role::kOperator});
    case Scope::kDecide:
      return any_of({Role::kReviewer, Role::kSubmitter, Role::kOperator});
    case Scope::kAdmin:
      return principal.is_admin();
    case Scope::kWorker:
      return principal.may(Role::kWorker);
  }
  return false;
}

std::variant<Admitted, Answer> admit(const Head& head, const RouteTable& routes,
                                     const core::Authenticator& authenticator,
                                     const std::string& request_id) {
  auto parsed = parse_target(head.target);
  if (const Problem* problem = std::get_if<Problem>(&parsed)) {
    return to_answer(*problem, request_id);
  }
  Target& target = std::get<Target>(parsed);
  RouteResult result = routes.match(head.method, target.path);
  if (std::holds_alternative<NoSuchPath>(result)) {
    return to_answer(
        {.status = 404, .code = "not_found", .detail = "There is nothing at this path"},
        request_id);
  }
  if (const auto* refusal = std::get_if<MethodNotAllowed>(&result)) {
    Answer answer = to_answer({.status = 405,
                               .code = "method_not_allowed",
                               .detail = "Expected one of " + refusal->allow + " at this path"},
                              request_id);
    answer.headers.emplace_back("Allow", refusal->allow);
    return answer;
  }
  auto& match = std::get<RouteMatch>(result);
  const Route& route = *match.route;
  Admitted admitted{&route, to_request(head, std::move(target), match, request_id)};
  if (route.scope != Scope::kPublic) {
    auto token = bearer_token(head);
    auto principal = token ? authenticator.authenticate(*token) : std::nullopt;
    if (!principal) return unauthenticated(request_id);
    if (!may(*principal, route.scope)) {
      return to_answer(
          {.status = 403,
           .code = "forbidden",
           .detail = "Expected a token with the role " + std::string(needed_roles(route.scope))},
          request_id);
    }
    admitted.request.principal = std::move(*principal);
  }
  if (auto problem = check_body(head, route)) return to_answer(*problem, request_id);
  return admitted;
}

}  // namespace runledger::api
