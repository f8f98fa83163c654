// The way of one leased task to the server: reports by way of its batches, content by upload.
#pragma once

#include <stop_token>
#include <utility>
#include <vector>

#include "core/worker/task_link.h"
#include "core/worker/task_reports.h"

namespace runledger::core::worker {

// What is referred to must outlive it.
class ServerTaskLink final : public TaskLink {
 public:
  ServerTaskLink(const protocol::LeasedTask& task, ServerLink& server, ArtifactUploader& uploader,
                 TaskReports& reports, std::stop_token stop)
      : task_(task),
        server_(server),
        uploader_(uploader),
        reports_(reports),
        stop_(std::move(stop)) {}

  Delivery report(protocol::ReportBody body) override;
  std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) override;
  StoredArtifact store(protocol::ResourceReport resource,
                       std::span<const std::byte> content) override;
  bool stop_requested() const override { return stop_.stop_requested(); }
  // What was recorded of the task meanwhile: a later run of it under the same lease is given it.
  std::vector<protocol::TaskMemo> take_recorded() { return std::exchange(recorded_, {}); }

 private:
  UploadResult put(const protocol::ResourceReport& resource, std::span<const std::byte> content);

  const protocol::LeasedTask& task_;
  ServerLink& server_;
  ArtifactUploader& uploader_;
  TaskReports& reports_;
  const std::stop_token stop_;
  std::vector<protocol::TaskMemo> recorded_;
};

}  // namespace runledger::core::worker
