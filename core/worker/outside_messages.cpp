#include "core/worker/outside_messages.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/worker/host_messages.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

std::string framed(const json& fields, std::string_view body) {
  // The line has no line feed of its own: JSON escapes them.
  std::string payload = fields.dump(-1, ' ', false, json::error_handler_t::replace);
  payload += '\n';
  payload += body;
  return payload;
}

struct Parts {
  json fields;
  std::string_view body;
};

std::optional<Parts> split(std::string_view payload) {
  const std::size_t end = payload.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  Parts parts{json::parse(payload.substr(0, end), nullptr, false), payload.substr(end + 1)};
  if (!parts.fields.is_object()) return std::nullopt;
  return parts;
}

json fields_of(const OutsideRequest& request) {
  const egress::HttpRequest& http = request.http;
  return {{"method", http.method},
          {"url", http.url},
          {"headers", http.headers},
          {"credential", request.credential},
          {"redirects_max", http.redirects_max},
          {"first_byte_ms", http.timeouts.first_byte.count()},
          {"total_ms", http.timeouts.total.count()},
          {"answer_bytes_max", http.answer_bytes_max}};
}

OutsideRequest request_of(Parts& parts) {
  OutsideRequest request;
  egress::HttpRequest& http = request.http;
  http.method = parts.fields.at("method").get<std::string>();
  http.url = parts.fields.at("url").get<std::string>();
  http.headers = parts.fields.at("headers").get<egress::Headers>();
  http.redirects_max = parts.fields.at("redirects_max").get<std::uint32_t>();
  http.timeouts.first_byte = milliseconds(parts.fields.at("first_byte_ms").get<std::uint32_t>());
  http.timeouts.total = milliseconds(parts.fields.at("total_ms").get<std::uint32_t>());
  http.answer_bytes_max = parts.fields.at("answer_bytes_max").get<std::uint64_t>();
  http.body = parts.body;
  request.credential = parts.fields.at("credential").get<std::string>();
  return request;
}

json fields_of(const OutsideAnswer& answer) {
  json fields = {{"retry_after_ms", answer.retry_after_ms}};
  if (const auto* problem = std::get_if<egress::HttpProblem>(&answer.outcome)) {
    fields["problem"] = {{"code", problem->code},
                         {"message", problem->message},
                         {"retryable", problem->retryable},
                         {"may_have_arrived", problem->may_have_arrived}};
  } else {
    const auto& got = std::get<egress::HttpAnswer>(answer.outcome);
    fields["status"] = got.status;
    fields["headers"] = got.headers;
    fields["body_bytes"] = got.body_bytes;
  }
  return fields;
}

OutsideAnswer answer_of(const json& fields, std::string_view body) {
  OutsideAnswer answer;
  answer.retry_after_ms = fields.at("retry_after_ms").get<std::uint64_t>();
  if (const auto problem = fields.find("problem"); problem != fields.end()) {
    answer.outcome = egress::HttpProblem{
        problem->at("code").get<std::string>(), problem->at("message").get<std::string>(),
        problem->at("retryable").get<bool>(), problem->at("may_have_arrived").get<bool>()};
  } else {
    answer.outcome = egress::HttpAnswer{
        fields.at("status").get<long>(), fields.at("headers").get<egress::Headers>(),
        std::string(body), fields.at("body_bytes").get<std::uint64_t>()};
  }
  return answer;
}

OutsideAnswer never() {
  return {egress::HttpProblem{"stopped", "The task is to stop", false, true}, 0};
}

}  // namespace

std::string encode_call(const OutsideRequest& request) {
  return framed(fields_of(request), request.http.body);
}

std::optional<OutsideRequest> decode_call(std::string_view payload) {
  auto parts = split(payload);
  if (!parts) return std::nullopt;
  try {
    return request_of(*parts);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string encode_call_answer(const OutsideAnswer& answer) {
  const auto* got = std::get_if<egress::HttpAnswer>(&answer.outcome);
  return framed(fields_of(answer), got == nullptr ? std::string_view() : got->body);
}

OutsideAnswer decode_call_answer(std::string_view payload) {
  const auto parts = split(payload);
  if (!parts) return never();
  try {
    return answer_of(parts->fields, parts->body);
  } catch (const json::exception&) {
    return never();
  }
}

std::string encode_fetch(const FetchOrder& order) {
  json fields = fields_of(order.request);
  fields["name"] = order.name;
  fields["media_type"] = order.media_type;
  return framed(fields, order.request.http.body);
}

std::optional<FetchOrder> decode_fetch(std::string_view payload) {
  auto parts = split(payload);
  if (!parts) return std::nullopt;
  try {
    return FetchOrder{request_of(*parts), parts->fields.at("name").get<std::string>(),
                      parts->fields.at("media_type").get<std::string>()};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::string encode_fetched(const FetchedArtifact& fetched) {
  json fields = fields_of(fetched.answer);
  fields["stored"] = encode_answer(fetched.stored);
  return framed(fields, {});
}

FetchedArtifact decode_fetched(std::string_view payload) {
  const auto parts = split(payload);
  if (!parts) return {never(), {}};
  try {
    return {answer_of(parts->fields, {}),
            decode_stored(parts->fields.at("stored").get<std::string>())};
  } catch (const json::exception&) {
    return {never(), {}};
  }
}

std::string encode_opened(const ResourceContent& content) {
  json fields = {{"media_type", content.media_type}};
  if (content.problem) {
    fields["problem"] = {{"code", content.problem->code},
                         {"message", content.problem->message},
                         {"retryable", content.problem->retryable}};
  }
  return framed(fields, {});
}

ResourceContent decode_opened(std::string_view payload, FileDescriptor file) {
  const ResourceProblem never{"stopped", "The task is to stop", false};
  const auto parts = split(payload);
  if (!parts) return {never, {}, {}};
  try {
    ResourceContent content{{}, std::move(file), parts->fields.at("media_type").get<std::string>()};
    if (const auto problem = parts->fields.find("problem"); problem != parts->fields.end()) {
      content.problem = {problem->at("code").get<std::string>(),
                         problem->at("message").get<std::string>(),
                         problem->at("retryable").get<bool>()};
    }
    return content;
  } catch (const json::exception&) {
    return {never, {}, {}};
  }
}

}  // namespace runledger::core::worker
