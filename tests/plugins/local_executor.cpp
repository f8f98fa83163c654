#include "tests/plugins/local_executor.h"

#include "core/worker/execute.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker::testing {

protocol::ReportBody LocalExecutor::run(const protocol::LeasedTask& task, TaskLink& link,
                                        const TaskStop&) {
  FakeOutside outside;
  HostCalls calls(task, link, outside);
  return execute(*by_type_.at(task.task_type), calls);
}

}  // namespace runledger::core::worker::testing
