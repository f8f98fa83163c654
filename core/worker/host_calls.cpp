#include "core/worker/host_calls.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <exception>

#include "core/protocol/json_text.h"
#include "core/worker/host_outside.h"
#include "core/worker/host_text.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

// What became of an artifact, as the C contract has it.
runledger_status give(const StoredArtifact& stored, std::uint64_t bytes, runledger_artifact& out) {
  switch (stored.outcome) {
    case UploadOutcome::kStopped:
      return RUNLEDGER_STOPPED;
    case UploadOutcome::kRefused:
      return refuse(RUNLEDGER_INVALID, stored.reason);
    case UploadOutcome::kUnavailable:
      return refuse(RUNLEDGER_UNAVAILABLE, stored.reason);
    case UploadOutcome::kStored:
      break;
  }
  if (stored.resource_id.empty() || stored.resource_id.size() >= sizeof out.resource_id ||
      stored.sha256.size() >= sizeof out.sha256) {
    return refuse(RUNLEDGER_UNAVAILABLE, "the server gave no usable resource id");
  }
  out.bytes = bytes;
  std::strcpy(out.resource_id, stored.resource_id.c_str());
  std::strcpy(out.sha256, stored.sha256.c_str());
  return RUNLEDGER_OK;
}

}  // namespace

using protocol::JsonKind;

runledger_status HostCalls::report(protocol::ReportBody body) {
  if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
  return link_.report(std::move(body)) == Delivery::kGone ? RUNLEDGER_STOPPED : RUNLEDGER_OK;
}

runledger_status HostCalls::progress(double percent, runledger_text message) {
  if (!std::isfinite(percent) || percent < 0 || percent > 100) {
    return refuse(RUNLEDGER_INVALID, "Expected progress from 0 to 100");
  }
  if (const auto status = check_text("the message", message); status != RUNLEDGER_OK) {
    return status;
  }
  return report(protocol::ProgressReport{percent, string_of(message)});
}

runledger_status HostCalls::emit(runledger_text event_type, runledger_text data) {
  auto status = check_name("the event type", event_type);
  if (status == RUNLEDGER_OK) {
    status = check_json("the event's data", data, kEmitBytesMax, JsonKind::kAny);
  }
  if (status != RUNLEDGER_OK) return status;
  return report(protocol::EmitReport{string_of(event_type), string_of(data)});
}

runledger_status HostCalls::log(runledger_text level, runledger_text text) {
  const auto name = string_of(level);
  if (name != "debug" && name != "info" && name != "warning" && name != "error") {
    return refuse(RUNLEDGER_INVALID, "Expected the level debug, info, warning or error");
  }
  if (const auto status = check_text("the log line", text); status != RUNLEDGER_OK) return status;
  return report(protocol::LogReport{name, string_of(text)});
}

runledger_status HostCalls::artifact(protocol::ResourceReport resource,
                                     std::span<const std::byte> content, runledger_artifact& out) {
  if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
  return give(link_.store(std::move(resource), content), content.size(), out);
}

runledger_status HostCalls::http(const runledger_http_request* request,
                                 runledger_http_answer* answer) {
  if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
  return make_call(outside_, request, answer);
}

runledger_status HostCalls::artifact_from(runledger_text name, runledger_text media_type,
                                          const runledger_http_request* request,
                                          runledger_http_answer* answer, runledger_artifact& out) {
  if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
  FetchedArtifact fetched;
  const auto status = fetch_artifact(outside_, name, media_type, request, answer, fetched);
  if (status != RUNLEDGER_OK) return status;
  const auto& got = std::get<egress::HttpAnswer>(fetched.answer.outcome);
  return give(fetched.stored, got.body_bytes, out);
}

runledger_status HostCalls::open_resource(runledger_text resource_id, runledger_content& out) {
  if (durable_.suspended()) return RUNLEDGER_SUSPENDED;
  const auto status = check_name("the id of the resource", resource_id);
  if (status != RUNLEDGER_OK) return status;
  ResourceContent got = outside_.open(string_of(resource_id));
  if (got.problem) {
    if (got.problem->code == "stopped") return RUNLEDGER_STOPPED;
    return refuse(got.problem->retryable ? RUNLEDGER_UNAVAILABLE : RUNLEDGER_INVALID,
                  std::move(got.problem->message));
  }
  MappedFile content(got.file);
  if (!content.good()) return refuse(RUNLEDGER_UNAVAILABLE, "the content cannot be mapped");
  const std::scoped_lock lock(mutex_);
  opened_.push_back({std::move(content), std::move(got.media_type)});
  const OpenResource& kept = opened_.back();
  out.data = kept.content.bytes().data();
  out.bytes = kept.content.bytes().size();
  out.media_type = {kept.media_type.data(), kept.media_type.size()};
  return RUNLEDGER_OK;
}

runledger_status HostCalls::set_result(runledger_text output) {
  const auto status = check_json("the output", output, kOutputBytesMax, JsonKind::kObject);
  const std::scoped_lock lock(mutex_);
  if (status == RUNLEDGER_OK) {
    result_ = {string_of(output)};
  } else {  // for a plugin that does not look at what this returns
    const bool too_large = status == RUNLEDGER_TOO_LARGE;
    failure_ = {too_large ? "output_too_large" : "output_invalid", last_refusal(), false};
  }
  return status;
}

runledger_status HostCalls::set_failure(const runledger_failure& failure) {
  const std::scoped_lock lock(mutex_);
  // A failure is always taken: what is wrong with its text is mended.
  std::string code = clipped(protocol::mended_utf8(string_of(failure.code)), kNameBytesMax);
  if (code.empty()) code = "executor_error";
  failure_ = {std::move(code),
              clipped(protocol::mended_utf8(string_of(failure.message)), kTextBytesMax),
              failure.retryable != 0, 0};
  if (failure.size >= offsetof(runledger_failure, retry_after_ms) + sizeof(std::uint64_t)) {
    failure_->retry_after_ms = std::min(failure.retry_after_ms, protocol::kDelayMsMax);
  }
  return RUNLEDGER_OK;
}

protocol::ReportBody HostCalls::outcome(runledger_status returned) const {
  const std::scoped_lock lock(mutex_);
  if (returned == RUNLEDGER_STOPPED && link_.stop_requested()) return protocol::CanceledReport{};
  if (auto decided = durable_.outcome(returned)) return *std::move(decided);
  if (returned == RUNLEDGER_OK && result_) return *result_;
  if (returned != RUNLEDGER_STOPPED && failure_) return *failure_;
  switch (returned) {
    case RUNLEDGER_OK:
      return protocol::FailedReport{"executor_error", "The executor ended without output", false};
    case RUNLEDGER_STOPPED:
      return protocol::FailedReport{"executor_error",
                                    "The executor stopped although nobody asked it to", true};
    case RUNLEDGER_FAILED:
      return protocol::FailedReport{"executor_error", "The executor failed and did not say why",
                                    true};
    default:
      return protocol::FailedReport{"executor_error",
                                    "The executor returned " + std::to_string(returned), false};
  }
}

}  // namespace runledger::core::worker
