// Inside a plugin's process: the way of its task to the worker.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "core/worker/frame_socket.h"
#include "core/worker/host_messages.h"
#include "core/worker/outside_link.h"
#include "core/worker/task_link.h"

namespace runledger::core::worker {

// Any thread. When the worker cannot be reached the process ends: there is nobody left to run for.
class HostTaskLink final : public TaskLink, public OutsideLink {
 public:
  explicit HostTaskLink(FrameSocket& worker) : worker_(worker) {}

  Delivery report(protocol::ReportBody body) override;
  std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) override;
  StoredArtifact store(protocol::ResourceReport resource,
                       std::span<const std::byte> content) override;
  bool stop_requested() const override { return stop_; }
  OutsideAnswer call(OutsideRequest request) override;
  FetchedArtifact fetch(OutsideRequest request, protocol::ResourceReport resource) override;
  ResourceContent open(const std::string& resource_id) override;
  void finish(protocol::ReportBody outcome);

  // From the thread that reads: what the worker has said.
  void stop() { stop_ = true; }
  void gone();
  void answer(std::uint64_t number, std::string payload, FileDescriptor file = {});
  // Before the next task.
  void begin();

 private:
  struct Answer {
    std::string payload;  // empty: there will be none
    FileDescriptor file;
  };
  // Sends a question and waits.
  Answer answer_to(HostFrame kind, const std::string& payload, int file = -1);
  void send(std::uint32_t kind, std::uint64_t number, const std::string& payload, int file = -1);

  FrameSocket& worker_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> gone_ = false;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::uint64_t next_question_ = 1;
  std::map<std::uint64_t, std::optional<Answer>> questions_;
};

}  // namespace runledger::core::worker
