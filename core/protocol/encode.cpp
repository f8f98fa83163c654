#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/protocol/json_text.h"
#include "core/protocol/messages.h"
#include "core/protocol/parse.h"

namespace runledger::core::protocol {
namespace {

using nlohmann::json;

json embed(const char* what, const std::string& text) {
  auto parsed = parse_json(text, kJsonNestingMax);
  if (const auto* problem = std::get_if<std::string>(&parsed)) {
    throw std::invalid_argument("Expected " + std::string(what) + " to be JSON, but: " + *problem);
  }
  return std::get<json>(std::move(parsed));
}

struct BodyToJson {
  json operator()(const ProgressReport& body) const {
    return {{"kind", "progress"}, {"percent", body.percent}, {"message", body.message}};
  }
  json operator()(const EmitReport& body) const {
    return {{"kind", "emit"}, {"event_type", body.event_type}, {"data", embed("data", body.data)}};
  }
  json operator()(const LogReport& body) const {
    return {{"kind", "log"}, {"level", body.level}, {"text", body.text}};
  }
  json operator()(const ResourceReport& body) const {
    return {{"kind", "resource"},
            {"name", body.name},
            {"media_type", body.media_type},
            {"sha256", body.sha256},
            {"size", body.size}};
  }
  json operator()(const SucceededReport& body) const {
    return {{"kind", "succeeded"}, {"output", embed("output", body.output)}};
  }
  json operator()(const FailedReport& body) const {
    return {{"kind", "failed"},
            {"code", body.code},
            {"message", body.message},
            {"retryable", body.retryable},
            {"retry_after_ms", body.retry_after_ms}};
  }
  json operator()(const CanceledReport&) const { return {{"kind", "canceled"}}; }
  json operator()(const StepReport& body) const {
    return {{"kind", "step"},
            {"poll", body.poll},
            {"name", body.name},
            {"result", embed("result", body.result)},
            {"release", body.release}};
  }
  json operator()(const SleepReport& body) const {
    return {{"kind", "sleep"}, {"name", body.name}, {"delay_ms", body.delay_ms}};
  }
  json operator()(const PollWaitReport& body) const {
    return {{"kind", "poll_wait"},
            {"name", body.name},
            {"every_ms", body.every_ms},
            {"timeout_ms", body.timeout_ms},
            {"keep_lease", body.keep_lease}};
  }
  json operator()(const ReviewReport& body) const {
    json fields = {{"kind", "review"},
                   {"name", body.name},
                   {"body", embed("body", body.body)},
                   {"validation", embed("validation", body.validation)}};
    if (!body.schema.empty()) fields["schema"] = embed("schema", body.schema);
    return fields;
  }
  json operator()(const RemoteIntentReport& body) const {
    return {{"kind", "remote_intent"},
            {"ordinal", body.ordinal},
            {"provider", body.provider},
            {"resource_name", body.resource_name},
            {"resource_media_type", body.resource_media_type},
            {"found_nothing", body.found_nothing}};
  }
  json operator()(const RemoteSubmittedReport& body) const {
    return {{"kind", "remote_submitted"},    {"ordinal", body.ordinal},
            {"provider", body.provider},     {"idempotency_key", body.idempotency_key},
            {"execute_id", body.execute_id}, {"found", body.found}};
  }
  json operator()(const RemoteFailedReport& body) const {
    return {{"kind", "remote_failed"},
            {"ordinal", body.ordinal},
            {"code", body.code},
            {"message", body.message}};
  }
  json operator()(const RemoteUnknownReport& body) const {
    return {{"kind", "remote_unknown"}, {"ordinal", body.ordinal}, {"message", body.message}};
  }
};

json task_to_json(const LeasedTask& task) {
  json memos = json::array();
  for (const TaskMemo& memo : task.memos) {
    memos.push_back(
        {{"kind", memo.kind}, {"name", memo.name}, {"result", embed("result", memo.result)}});
  }
  json fields = {{"run_id", task.run_id},
                 {"task_id", task.task_id},
                 {"lease_id", task.lease_id},
                 {"attempt", task.attempt},
                 {"task_type", task.task_type},
                 {"input", embed("input", task.input)},
                 {"session", embed("session", task.session)},
                 {"memos", std::move(memos)}};
  if (task.pending_poll) {
    fields["pending_poll"] = {{"name", task.pending_poll->name},
                              {"waited_ms", task.pending_poll->waited_ms},
                              {"lease_kept", task.pending_poll->lease_kept}};
  }
  if (task.pending_remote) {
    fields["pending_remote"] = {{"provider", task.pending_remote->provider},
                                {"idempotency_key", task.pending_remote->idempotency_key}};
  }
  if (task.canceling) fields["canceling"] = true;
  return fields;
}

struct MessageToJson {
  json operator()(const Register& message) const {
    json types = json::array();
    for (const TaskTypeOffer& offer : message.task_types) {
      types.push_back({{"name", offer.name},
                       {"version", offer.version},
                       {"manifest", embed("manifest", offer.manifest)},
                       {"plugin_sha256", offer.plugin_sha256},
                       {"slots", offer.slots}});
    }
    json held = json::array();
    for (const HeldTask& task : message.held) {
      held.push_back({{"run_id", task.run_id},
                      {"task_id", task.task_id},
                      {"lease_id", task.lease_id},
                      {"ended", task.ended}});
    }
    return {{"type", "register"},     {"session_version", message.session_version},
            {"name", message.name},   {"pid", message.pid},
            {"slots", message.slots}, {"task_types", std::move(types)},
            {"held", std::move(held)}};
  }
  json operator()(const Lease& message) const {
    return {{"type", "lease"}, {"room", message.room}};
  }
  json operator()(const Return& message) const {
    return {{"type", "return"}, {"lease_ids", message.lease_ids}};
  }
  json operator()(const Reports& message) const {
    json reports = json::array();
    for (const Report& report : message.reports) {
      json fields = std::visit(BodyToJson{}, report.body);
      fields["run_id"] = report.run_id;
      fields["task_id"] = report.task_id;
      fields["lease_id"] = report.lease_id;
      fields["seq"] = report.seq;
      fields["number"] = report.number;
      reports.push_back(std::move(fields));
    }
    return {{"type", "report"}, {"reports", std::move(reports)}};
  }
  json operator()(const Registered& message) const {
    return {{"type", "registered"},
            {"worker_id", message.worker_id},
            {"grace_ms", message.grace_ms},
            {"fenced", message.fenced}};
  }
  json operator()(const Refused& message) const {
    return {{"type", "refused"}, {"code", message.code}, {"reason", message.reason}};
  }
  json operator()(const Leased& message) const {
    json tasks = json::array();
    for (const LeasedTask& task : message.tasks) tasks.push_back(task_to_json(task));
    return {{"type", "leased"}, {"tasks", std::move(tasks)}};
  }
  json operator()(const Acknowledged& message) const {
    json results = json::array();
    for (const Acknowledgement& result : message.results) {
      json fields = {{"seq", result.seq}};
      if (!result.resource_id.empty()) fields["resource_id"] = result.resource_id;
      if (!result.idempotency_key.empty()) fields["idempotency_key"] = result.idempotency_key;
      results.push_back(std::move(fields));
    }
    return {{"type", "acknowledged"}, {"results", std::move(results)}};
  }
  json operator()(const Cancel& message) const {
    return {{"type", "cancel"}, {"lease_id", message.lease_id}, {"grace_ms", message.grace_ms}};
  }
  json operator()(const Fenced& message) const {
    return {{"type", "fenced"}, {"lease_id", message.lease_id}, {"reason", message.reason}};
  }
  json operator()(const Drain&) const { return {{"type", "drain"}}; }
};

template <typename Message>
std::string encode_any(const Message& message) {
  // Plugins hand in any bytes as text: what is not UTF-8 becomes U+FFFD rather than an exception.
  return std::visit(MessageToJson{}, message).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string encode(const WorkerMessage& message) {
  return encode_any(message);
}
std::string encode(const ServerMessage& message) {
  return encode_any(message);
}

}  // namespace runledger::core::protocol
