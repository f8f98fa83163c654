#include "core/worker/host_messages.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace runledger::core::worker {
namespace {

using nlohmann::json;

struct OutcomeName {
  UploadOutcome outcome;
  std::string_view name;
};
constexpr std::array<OutcomeName, 4> kOutcomes{{{UploadOutcome::kStored, "stored"},
                                                {UploadOutcome::kRefused, "refused"},
                                                {UploadOutcome::kUnavailable, "unavailable"},
                                                {UploadOutcome::kStopped, "stopped"}}};

}  // namespace

std::string encode_task(const protocol::LeasedTask& task) {
  return protocol::encode(protocol::ServerMessage{protocol::Leased{{task}}});
}

std::optional<protocol::LeasedTask> decode_task(std::string_view payload) {
  auto decoded = protocol::decode_server_message(payload);
  auto* message = std::get_if<protocol::ServerMessage>(&decoded);
  auto* leased = message == nullptr ? nullptr : std::get_if<protocol::Leased>(message);
  if (leased == nullptr || leased->tasks.size() != 1) return std::nullopt;
  return std::move(leased->tasks.front());
}

std::string encode_body(protocol::ReportBody body) {
  protocol::Reports one;
  one.reports.push_back({{}, {}, {}, 0, 0, std::move(body)});
  return protocol::encode(protocol::WorkerMessage{std::move(one)});
}

std::optional<protocol::ReportBody> decode_body(std::string_view payload) {
  auto decoded = protocol::decode_worker_message(payload);
  auto* message = std::get_if<protocol::WorkerMessage>(&decoded);
  auto* reports = message == nullptr ? nullptr : std::get_if<protocol::Reports>(message);
  if (reports == nullptr || reports->reports.size() != 1) return std::nullopt;
  return std::move(reports->reports.front().body);
}

std::string encode_answer(const std::optional<protocol::Acknowledgement>& answer) {
  if (!answer) return {};
  return protocol::encode(protocol::ServerMessage{protocol::Acknowledged{{*answer}}});
}

std::optional<protocol::Acknowledgement> decode_acknowledgement(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  auto decoded = protocol::decode_server_message(payload);
  auto* message = std::get_if<protocol::ServerMessage>(&decoded);
  auto* done = message == nullptr ? nullptr : std::get_if<protocol::Acknowledged>(message);
  if (done == nullptr || done->results.size() != 1) return std::nullopt;
  return std::move(done->results.front());
}

std::string encode_answer(const StoredArtifact& answer) {
  json fields = {
      {"reason", answer.reason}, {"resource_id", answer.resource_id}, {"sha256", answer.sha256}};
  for (const OutcomeName& each : kOutcomes) {
    if (each.outcome == answer.outcome) fields["outcome"] = each.name;
  }
  return fields.dump(-1, ' ', false, json::error_handler_t::replace);
}

StoredArtifact decode_stored(std::string_view payload) {
  StoredArtifact stored;
  const json fields = json::parse(payload, nullptr, false);
  if (!fields.is_object()) return stored;  // stopped: there will be no answer
  const std::string outcome = fields.value("outcome", "");
  for (const OutcomeName& each : kOutcomes) {
    if (each.name == outcome) stored.outcome = each.outcome;
  }
  stored.reason = fields.value("reason", "");
  stored.resource_id = fields.value("resource_id", "");
  stored.sha256 = fields.value("sha256", "");
  return stored;
}

}  // namespace runledger::core::worker
