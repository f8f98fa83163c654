#include "api/http/problem.h"

#include <nlohmann/json.hpp>

#include "api/http/status.h"

namespace runledger::api {
Answer to_answer(const Problem& problem, std::string_view request_id) {
  using nlohmann::json;
  json document = {{"type", "about:blank"},         {"title", reason_phrase(problem.status)},
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
