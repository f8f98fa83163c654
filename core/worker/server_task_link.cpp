#include "core/worker/server_task_link.h"

#include <utility>

#include "core/base/sha256.h"
#include "core/worker/remote_memo.h"

namespace runledger::core::worker {

Delivery ServerTaskLink::report(protocol::ReportBody body) {
  return reports_.add(std::move(body), TaskReports::Clock::now());
}

std::optional<protocol::Acknowledgement> ServerTaskLink::ask(protocol::ReportBody body) {
  // What the task said before is in the log before it.
  if (reports_.flush() == Delivery::kGone) return std::nullopt;
  std::optional<protocol::TaskMemo> memo;
  if (const auto* step = std::get_if<protocol::StepReport>(&body)) {
    memo = protocol::TaskMemo{step->poll ? "poll" : "step", step->name, step->result};
  }
  const auto* job = std::get_if<protocol::RemoteSubmittedReport>(&body);
  const auto submitted = job == nullptr ? std::nullopt : std::optional(*job);
  auto acknowledged = server_.send_and_wait(task_, std::move(body));
  if (acknowledged && submitted) {
    memo = remote_memo({submitted->provider, submitted->idempotency_key, submitted->execute_id,
                        acknowledged->resource_id});
  }
  if (acknowledged && memo) recorded_.push_back(*std::move(memo));
  return acknowledged;
}

// A server that is away comes back, or the lease is gone.
UploadResult ServerTaskLink::put(const protocol::ResourceReport& resource,
                                 std::span<const std::byte> content) {
  for (;;) {
    const std::uint64_t connection = server_.connection();
    auto upload = uploader_.put(resource.sha256, resource.media_type, content, stop_);
    const bool away = upload.outcome == UploadOutcome::kUnavailable;
    if (!away || !server_.wait_for_later(connection, task_)) return upload;
  }
}

StoredArtifact ServerTaskLink::store(protocol::ResourceReport resource,
                                     std::span<const std::byte> content) {
  resource.sha256 = sha256_hex({reinterpret_cast<const char*>(content.data()), content.size()});
  resource.size = content.size();
  if (reports_.flush() == Delivery::kGone) return {UploadOutcome::kStopped, "stopped", {}, {}};
  auto upload = put(resource, content);
  if (upload.outcome != UploadOutcome::kStored) {
    return {upload.outcome, std::move(upload.reason), {}, {}};
  }
  const std::string sha256 = resource.sha256;
  auto acknowledged = server_.send_and_wait(task_, std::move(resource));
  if (!acknowledged) return {UploadOutcome::kStopped, "stopped", {}, {}};
  return {UploadOutcome::kStored, {}, std::move(acknowledged->resource_id), sha256};
}

}  // namespace runledger::core::worker
