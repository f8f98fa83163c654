// One running attempt's way to those who leased it out. Inside the worker it ends in the session
// (server_task_link.h), inside a plugin's process at the worker (host_task_link.h).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "core/protocol/messages.h"
#include "core/worker/artifact_upload.h"
#include "core/worker/server_link.h"

namespace runledger::core::worker {

struct StoredArtifact {
  UploadOutcome outcome = UploadOutcome::kStopped;
  std::string reason;       // when it is not stored
  std::string resource_id;  // when it is
  std::string sha256;       // 64 hex digits
};

// Any thread may call, until the attempt has its outcome.
class TaskLink {
 public:
  virtual ~TaskLink() = default;

  // In order, none dropped but progress that a later one overtakes. kTaken, or kGone when nothing
  // that is said counts any more. May wait for room.
  virtual Delivery report(protocol::ReportBody body) = 0;
  // Waits until the server has acknowledged it and all that was reported before. Nothing when it
  // never will.
  virtual std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) = 0;
  // Stores the content and waits until the log names the resource. Digest and size of `resource`
  // are filled in on the way.
  virtual StoredArtifact store(protocol::ResourceReport resource,
                               std::span<const std::byte> content) = 0;
  virtual bool stop_requested() const = 0;
};

}  // namespace runledger::core::worker
