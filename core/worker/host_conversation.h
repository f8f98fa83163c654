// One task in one plugin's process: hands it over, passes on what comes back, until there is an
// outcome or no process any more. What comes is checked; it is a plugin's.
#pragma once

#include <optional>

#include "core/worker/host_process.h"
#include "core/worker/provider_calls.h"
#include "core/worker/task_executor.h"

namespace runledger::core::worker {

// Waits until the library is loaded. Why it is not: a refusal of the host's; empty otherwise. With
// the process ended (or to be ended) and no refusal, `ready` is false.
struct HostReady {
  bool ready = false;
  std::string refusal;
};
HostReady wait_until_ready(HostProcess& host);

// What a task may reach beside the server's log.
struct Outside {
  const ProviderCalls& providers;
  ResourceSource* resources = nullptr;  // null: none
};

// After an outcome: whether the process has said all that it had to, so that nothing of this task
// can be taken for the next one's. False: it must not have another.
bool settle(HostProcess& host);

// Nothing: the process has ended, or has to be ended.
std::optional<protocol::ReportBody> converse(HostProcess& host, const protocol::LeasedTask& task,
                                             TaskLink& link, const Outside& outside,
                                             const TaskStop& stop);

}  // namespace runledger::core::worker
