#include "api/http/problem.h"

#include <nlohmann/json.hpp>

namespace runledger::api {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return status < 500 ? "Request refused" : "Request failed";
  }
}

}  // namespace

Answer to_answer(const Problem& problem, std::string_view request_id) {
  using nlohmann::json;
  json document = {{"type", "about:blank"},         {"title", title_of(problem.status)},
                   {"status", problem.status},      {"detail", problem.detail},
                   {"instance", request_id},        {"code", problem.code},
                   {"retryable", problem.retryable}};
  if (!problem.errors.empty()) {
    json& errors = document["errors"] = json::array();
    for (const FieldError& error : problem.errors) {
      errors.push_back({{"pointer", error.pointer}, {"message", error.message}});
    }
  }
  if (!problem.extra_json.empty()) {
    json extra = json::parse(problem.extra_json, nullptr, /*allow_exceptions=*/false);
    // The members above are the contract: an extra member never replaces one of them.
    if (extra.is_object()) {
      for (auto& [name, value] : extra.items()) document.emplace(name, value);
    }
  }
  Answer answer;
  answer.status = problem.status;
  answer.content_type = "application/problem+json";
  answer.body = document.dump(-1, ' ', false, json::error_handler_t::replace);
  if (problem.retry_after_s) {
    answer.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after_s));
  }
  return answer;
}

}  // namespace runledger::api
