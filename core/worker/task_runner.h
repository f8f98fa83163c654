// Runs leased tasks, each on a thread of its slot, in the order in which they came. One that cannot
// begin within kUnbegunTime is given back. A task that polls is parked meanwhile; its looks are run
// by a thread of their own, and by slots that have nothing else to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/worker/artifact_upload.h"
#include "core/worker/server_link.h"
#include "core/worker/task_executor.h"

namespace runledger::core::worker {

inline constexpr std::uint32_t kLookLanes = 1;  // threads for looks, beside the slots

// Any thread may call. What is referred to must outlive it; the destructor waits for what runs.
class TaskRunner {
 public:
  TaskRunner(std::uint32_t slots, TaskExecutor& executor, ServerLink& link,
             ArtifactUploader& uploader);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  // Tells the link how many tasks it would have, as their durations change.
  void start(std::vector<protocol::LeasedTask> tasks);
  void start(protocol::LeasedTask task);
  // Asks the task to stop, and has what runs it ended when the grace is over. An unknown lease is
  // one that has just ended.
  void cancel(const std::string& lease_id, std::chrono::milliseconds grace);
  void cancel_all(std::chrono::milliseconds grace);
  // Tasks that have not begun or that poll are given back, and none is kept from now on: the worker
  // wants to leave.
  void give_back_unbegun();

  std::size_t running() const;  // and waiting for a slot

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
