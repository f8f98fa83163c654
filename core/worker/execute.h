// Runs one attempt: makes the executor, executes, destroys it. On the calling thread.
#pragma once

#include "core/worker/host_calls.h"

namespace runledger::core::worker {

protocol::ReportBody execute(const runledger_plugin& plugin, HostCalls& calls);

}  // namespace runledger::core::worker
