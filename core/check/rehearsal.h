// Runs a task to its end without a server: what it says is kept, durable calls are recorded, waits
// are over at once by a virtual clock, reviews are approved as they are shown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/worker/task_executor.h"

namespace runledger::core::check {

// How often the executor is run for one task: a poll that never finds anything.
inline constexpr std::size_t kRehearsalRunsMax = 10'000;

struct Rehearsed {
  // Succeeded, failed or canceled; a wait only when kRehearsalRunsMax was not enough.
  protocol::ReportBody outcome;
  std::vector<protocol::TaskMemo> memos;
  std::vector<protocol::EmitReport> emitted;
  std::vector<protocol::LogReport> logs;
  std::vector<protocol::ResourceReport> stored;
  std::vector<protocol::ReviewReport> reviews;
  std::uint64_t waited_ms = 0;
  std::size_t runs = 0;  // of the executor
};

// `task` may have memos already, as after a crash. Reports may come from any thread meanwhile.
Rehearsed rehearse(worker::TaskExecutor& executor, protocol::LeasedTask task,
                   const worker::TaskStop& stop);

// A task of that type as a worker leases it.
protocol::LeasedTask task_of(const std::string& task_type, const std::string& input);

}  // namespace runledger::core::check
