// Runs a task to its end without a server: what it says is kept, durable calls are recorded, waits
// are over at once by a virtual clock, reviews are approved as they are shown. What became of a job
// that neither the executor nor its provider knows of nobody says: there the rehearsal ends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/worker/task_executor.h"

namespace runledger::core::check {

// How often the executor is run for one task: a poll that never finds anything.
inline constexpr std::size_t kRehearsalRunsMax = 10'000;

// What a job at a provider is to become.
struct Placeholder {
  std::string resource_id;
  std::string sha256 = {};  // of its content, once it is there
};
using Placeholders = std::map<std::string, Placeholder>;  // by name

struct Rehearsed {
  // Succeeded, failed, canceled, or unknown of a job; another wait only when kRehearsalRunsMax was
  // not enough.
  protocol::ReportBody outcome;
  std::vector<protocol::TaskMemo> memos;
  std::vector<protocol::EmitReport> emitted;
  std::vector<protocol::LogReport> logs;
  std::vector<protocol::ResourceReport> stored;
  std::vector<protocol::ReviewReport> reviews;
  std::vector<protocol::RemoteSubmittedReport> submitted;
  std::optional<protocol::PendingRemote> pending_remote;  // may be handed over, or may have been
  Placeholders placeholders;
  std::uint64_t waited_ms = 0;
  std::size_t runs = 0;  // of the executor
};

// `task` may have memos already, as after a crash, and `placeholders` of their jobs. Reports may
// come from any thread meanwhile. A task that is told to stop has its jobs canceled.
Rehearsed rehearse(worker::TaskExecutor& executor, protocol::LeasedTask task,
                   const worker::TaskStop& stop, Placeholders placeholders = {});

// A task of that type as a worker leases it.
protocol::LeasedTask task_of(const std::string& task_type, const std::string& input);

}  // namespace runledger::core::check
