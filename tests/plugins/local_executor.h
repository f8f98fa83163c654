// Executes tasks in this process: for tests of what plugins say, and to compare with.
#pragma once

#include <map>
#include <string>

#include "core/worker/task_executor.h"

struct runledger_plugin;

namespace runledger::core::worker::testing {

class LocalExecutor final : public TaskExecutor {
 public:
  explicit LocalExecutor(std::map<std::string, const runledger_plugin*> by_type)
      : by_type_(std::move(by_type)) {}

  // Nothing can be killed here: a task that does not stop is waited for.
  protocol::ReportBody run(const protocol::LeasedTask& task, TaskLink& link,
                           const TaskStop& stop) override;

 private:
  const std::map<std::string, const runledger_plugin*> by_type_;
};

}  // namespace runledger::core::worker::testing
