// Where a runner has its tasks executed: in processes of their own; in tests, in this one.
#pragma once

#include <stop_token>

#include "core/worker/task_link.h"

namespace runledger::core::worker {

struct TaskStop {
  std::stop_token stop;  // the task is to end by itself
  std::stop_token kill;  // its grace is over: what runs it is to be ended
};

// Any thread; several attempts side by side.
class TaskExecutor {
 public:
  virtual ~TaskExecutor() = default;
  // Runs one attempt to its end on the calling thread and gives its final report.
  virtual protocol::ReportBody run(const protocol::LeasedTask& task, TaskLink& link,
                                   const TaskStop& stop) = 0;
};

}  // namespace runledger::core::worker
