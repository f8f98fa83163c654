// Calls an endpoint and gives its answer.
#include <algorithm>

#include "request.h"

namespace runledger::http_plugin {
namespace {

constexpr std::size_t kInlineBytesMax = 64 * 1024;  // of an answer that is part of the output
constexpr std::uint64_t kSavedBytesMax = 1ULL << 30;

constexpr std::string_view kManifest = R"json({
  "name": "http",
  "version": "1.0.0",
  "task_types": [{
    "name": "http",
    "description": "Calls an HTTP endpoint and gives its answer.",
    "input_schema": {
      "type": "object",
      "required": ["url"],
      "additionalProperties": false,
      "properties": {
        "url": {"type": "string", "minLength": 8, "maxLength": 8192},
        "method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]},
        "headers": {"type": "object", "maxProperties": 64,
                    "additionalProperties": {"type": "string", "maxLength": 8192}},
        "json": {},
        "body": {"type": "string", "maxLength": 1048576},
        "credential": {"type": "string", "minLength": 1, "maxLength": 64},
        "expect_status": {"type": "array", "minItems": 1, "maxItems": 32,
                          "items": {"type": "integer", "minimum": 100, "maximum": 599}},
        "timeout_s": {"type": "integer", "minimum": 1, "maximum": 3600},
        "save_as": {"type": "object", "required": ["name"], "additionalProperties": false,
                    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 200},
                                   "media_type": {"type": "string", "minLength": 3,
                                                  "maxLength": 200}}}
      },
      "allOf": [{"not": {"required": ["json", "body"]}},
                {"if": {"required": ["save_as"]},
                 "then": {"properties": {"method": {"enum": ["GET"]}},
                          "not": {"required": ["expect_status"]}}}]
    },
    "output_schema": {
      "type": "object",
      "required": ["status"],
      "properties": {"status": {"type": "integer"}, "headers": {"type": "object"},
                     "json": {}, "text": {"type": "string"},
                     "resource_id": {"type": "string"}, "sha256": {"type": "string"},
                     "size": {"type": "integer"}}
    },
    "risk": ["external_calls", "writes"]
  }]
})json";

bool is_utf8(const std::string& text) {
  try {
    return !json(text).dump().empty();
  } catch (const json::exception&) {
    return false;
  }
}

json headers_of(const HttpAnswer& answer) {
  json headers = json::object();
  for (const auto& [name, value] : answer.headers) {
    if (name != "set-cookie") headers[name] = value;  // a session is a secret
  }
  return headers;
}

json described(const Artifact& artifact) {
  return {
      {"resource_id", artifact.resource_id}, {"sha256", artifact.sha256}, {"size", artifact.size}};
}

class Http : public Executor {
 public:
  json execute(TaskContext& task) override {
    if (task.input().contains("save_as")) return save(task);
    return task.step("call", [&] { return call(task); });
  }

 private:
  static json save(TaskContext& task) {
    Order order = order_of(task.input(), task.task_id());
    order.request.answer_bytes_max = kSavedBytesMax;
    const json& as = task.input().at("save_as");
    const std::string name = as.at("name");
    const std::string media_type = as.value("media_type", "");
    json output = described(task.artifact({name, media_type}).from(order.request));
    output["status"] = 200;
    return output;
  }

  static json call(TaskContext& task) {
    const Order order = order_of(task.input(), task.task_id());
    const HttpAnswer answer = answer_to(task, order);
    if (!expected(order, answer.status)) {
      const bool retryable = answer.status == 429 || answer.status >= 500;
      throw Failure("bad_status", answer.asked + " answered " + std::to_string(answer.status),
                    retryable, answer.retry_after);
    }
    json output = {{"status", answer.status}, {"headers", headers_of(answer)}};
    if (!answer.body.empty()) add_body(task, answer, output);
    return output;
  }

  static HttpAnswer answer_to(TaskContext& task, const Order& order) {
    try {
      return task.http(order.request);
    } catch (const HttpFailure& problem) {
      // To make it once more might be once too often.
      if (order.repeatable || !problem.may_have_arrived()) throw;
      throw Failure(
          "outcome_unknown",
          std::string("The call may have arrived, but there is no answer: ") + problem.what(),
          false);
    }
  }

  static void add_body(TaskContext& task, const HttpAnswer& answer, json& output) {
    const auto type = answer.header("content-type").value_or("");
    if (answer.body.size() <= kInlineBytesMax) {
      if (type.find("json") != std::string_view::npos) {
        auto parsed = json::parse(answer.body, nullptr, false);
        if (!parsed.is_discarded()) {
          output["json"] = std::move(parsed);
          return;
        }
      }
      if (is_utf8(answer.body)) {
        output["text"] = answer.body;
        return;
      }
    }
    const std::string media_type(type.empty() ? "application/octet-stream"
                                              : type.substr(0, type.find_first_of("; ")));
    output.update(
        described(task.artifact({"answer", media_type}, std::as_bytes(std::span(answer.body)))));
  }
};

}  // namespace
}  // namespace runledger::http_plugin

RUNLEDGER_PLUGIN(runledger::http_plugin::Http, runledger::http_plugin::kManifest)
