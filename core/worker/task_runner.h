// Runs leased tasks, each on a thread of its slot.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/worker/artifact_upload.h"
#include "core/worker/server_link.h"
#include "core/worker/task_executor.h"

namespace runledger::core::worker {

// Any thread may call. What is referred to must outlive it; the destructor waits for what runs.
class TaskRunner {
 public:
  TaskRunner(std::uint32_t slots, TaskExecutor& executor, ServerLink& link,
             ArtifactUploader& uploader);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  // Asks the link for a task more when the task has ended. One that finds no free slot waits.
  void start(protocol::LeasedTask task);
  // Asks the task to stop, and has what runs it ended when the grace is over. An unknown lease is
  // one that has just ended.
  void cancel(const std::string& lease_id, std::chrono::milliseconds grace);
  void cancel_all(std::chrono::milliseconds grace);

  std::size_t running() const;  // and waiting for a slot

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
