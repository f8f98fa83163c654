#include "tests/plugins/local_executor.h"

#include "core/worker/execute.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker::testing {

protocol::ReportBody LocalExecutor::run(const protocol::LeasedTask& task, TaskLink& link,
                                        const TaskStop&) {
  const std::unique_ptr<OutsideLink> outside =
      make_outside_ ? make_outside_(link) : std::make_unique<FakeOutside>();
  HostCalls calls(task, link, *outside);
  return execute(*by_type_.at(task.task_type), calls);
}

}  // namespace runledger::core::worker::testing
