// Runs leased tasks, each on a thread of its slot. A task that polls is parked meanwhile; its looks
// are run by a thread of their own, and by slots that have nothing else to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/worker/artifact_upload.h"
#include "core/worker/server_link.h"

struct runledger_plugin;

namespace runledger::core::worker {

struct TaskRunnerSettings {
  std::uint32_t slots = 2;
  std::map<std::string, const runledger_plugin*> executors;  // by task type
  // A task was told to stop and did not within its grace: its thread cannot be taken back, so the
  // process has to end. Called once for it, on a thread of the runner's and under its lock: it must
  // not call the runner.
  std::function<void(const std::string& task_id)> on_overdue;
};

// Any thread may call, but one that is running a task. The link and the uploader must outlive it;
// the destructor waits for what runs.
class TaskRunner {
 public:
  TaskRunner(TaskRunnerSettings settings, ServerLink& link, ArtifactUploader& uploader);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  // Asks the link for a task more when the task has ended. One that finds no free slot waits.
  void start(protocol::LeasedTask task);
  // Asks the task to stop; an unknown lease is one that has just ended.
  void cancel(const std::string& lease_id, std::chrono::milliseconds grace);
  void cancel_all(std::chrono::milliseconds grace);
  // Tasks that poll are given back, and none is kept from now on: the worker wants to leave.
  void give_back_parked();

  std::size_t running() const;  // and waiting for a slot

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger::core::worker
