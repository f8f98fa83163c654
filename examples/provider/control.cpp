#include "examples/provider/control.h"

#include <nlohmann/json.hpp>

#include "examples/provider/json_object.h"

namespace runledger::provider {
namespace {

using nlohmann::json;

Answer refused(const std::string& message) {
  return {400, text_of(json{{"error", message}})};
}

Answer counters_of(const State& state) {
  json requests = json::object();
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    requests[std::string(name_of(static_cast<Endpoint>(i)))] = state.counters.requests.at(i);
  }
  return {200, text_of(json{{"requests", requests},
                            {"submissions", state.counters.submissions},
                            {"jobs", state.jobs.size()},
                            {"polls", state.counters.polls},
                            {"downloads", state.counters.downloads},
                            {"cancels", state.counters.cancels}})};
}

// Takes a whole number out of the body. False: it is there and is none, or out of its bounds.
bool take(json& body, const char* name, std::int64_t min, std::int64_t max, std::int64_t& value) {
  const auto found = body.find(name);
  if (found == body.end()) return true;
  if (!found->is_number_integer() || *found < min || *found > max) return false;
  value = found->get<std::int64_t>();
  body.erase(found);
  return true;
}

// Why the parameters are none of the rule's; empty when they are.
std::string read_parameters(const FaultRule& rule, json& body, Fault& fault) {
  for (const auto& member : body.items()) {
    if (!has_word(rule.parameters, member.key())) return "Did not expect " + member.key();
  }
  if (!take(body, "ms", 0, kFaultMsMax, fault.ms)) return "Expected ms from 0 to 600000";
  if (!take(body, "status", 400, 599, fault.status)) return "Expected a status from 400 to 599";
  if (!take(body, "retry_after_s", 0, 3600, fault.retry_after_s)) {
    return "Expected retry_after_s from 0 to 3600";
  }
  if (!take(body, "bytes", -4096, 4096, fault.bytes)) return "Expected bytes from -4096 to 4096";
  if (const auto carried_out = body.find("carried_out"); carried_out != body.end()) {
    if (!carried_out->is_boolean()) return "Expected carried_out to be true or false";
    fault.carried_out = carried_out->get<bool>();
  }
  if (const auto message = body.find("message"); message != body.end()) {
    if (!message->is_string()) return "Expected a message";
    fault.message = message->get<std::string>();
  }
  return "";
}

Answer switch_on(State& state, const std::string& text) {
  json body = object_of(text);
  if (body.is_discarded()) return refused("Expected an object");
  const json endpoint_name = body.value("endpoint", json(""));
  const json fault_name = body.value("fault", json(""));
  const auto endpoint =
      endpoint_name.is_string() ? endpoint_of(endpoint_name.get<std::string>()) : std::nullopt;
  if (!endpoint) return refused("Expected an endpoint that there is");
  const FaultRule* rule =
      fault_name.is_string() ? fault_rule(fault_name.get<std::string>()) : nullptr;
  if (rule == nullptr) return refused("Expected a fault that there is");
  if (!rule->endpoints.empty() && !has_word(rule->endpoints, name_of(*endpoint))) {
    return refused("Expected one of the endpoints " + std::string(rule->endpoints));
  }
  std::int64_t requests = 1;
  if (!take(body, "requests", 1, kFaultRequestsMax, requests)) {
    return refused("Expected requests from 1 to 1000000");
  }
  body.erase("endpoint");
  body.erase("fault");
  body.erase("requests");
  Fault fault;
  fault.kind = rule->kind;
  const std::string problem = read_parameters(*rule, body, fault);
  if (!problem.empty()) return refused(problem);
  if (!state.faults.add(*endpoint, fault, requests)) return refused("Expected fewer faults");
  return {200, "{}"};
}

Answer reset(State& state) {
  state.jobs.clear();
  state.faults.clear();
  state.counters = {};
  return {200, "{}"};
}

}  // namespace

Answer control(State& state, const Request& request) {
  const std::string what = request.method + " " + request.path;
  if (what == "GET /_control/counters") return counters_of(state);
  if (what == "POST /_control/faults") return switch_on(state, request.body);
  if (what == "POST /_control/reset") return reset(state);
  return {404, json{{"error", "Expected counters, faults or reset"}}.dump()};
}

}  // namespace runledger::provider
