// Executes tasks in this process: for tests of what plugins say, and to compare with.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/worker/outside_link.h"
#include "core/worker/task_executor.h"

struct runledger_plugin;

namespace runledger::core::worker::testing {

// What one run of an executor may ask of others; artifacts go to the link.
using MakeOutside = std::function<std::unique_ptr<OutsideLink>(TaskLink&)>;

class LocalExecutor final : public TaskExecutor {
 public:
  explicit LocalExecutor(std::map<std::string, const runledger_plugin*> by_type)
      : LocalExecutor(std::move(by_type), {}) {}
  LocalExecutor(std::map<std::string, const runledger_plugin*> by_type, MakeOutside make_outside)
      : by_type_(std::move(by_type)), make_outside_(std::move(make_outside)) {}

  // Nothing can be killed here: a task that does not stop is waited for.
  protocol::ReportBody run(const protocol::LeasedTask& task, TaskLink& link,
                           const TaskStop& stop) override;

 private:
  const std::map<std::string, const runledger_plugin*> by_type_;
  const MakeOutside make_outside_;  // nothing: there is nobody outside
};

}  // namespace runledger::core::worker::testing
