// What a plugin may call while it executes one attempt: the host table and what stands behind it.
#pragma once

#include <runledger/plugin.h>

#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "core/worker/durable_calls.h"
#include "core/worker/mapped_file.h"
#include "core/worker/outside_link.h"
#include "core/worker/task_link.h"

namespace runledger::core::worker {

// The table's functions may be called from any thread until execute has returned, durable calls
// from the one that made it. The references must outlive it.
class HostCalls {
 public:
  HostCalls(const protocol::LeasedTask& task, TaskLink& link, OutsideLink& outside);
  HostCalls(const HostCalls&) = delete;
  HostCalls& operator=(const HostCalls&) = delete;

  const runledger_host& table() const { return table_; }
  // The final report, from what execute returned and what was set before.
  protocol::ReportBody outcome(runledger_status returned) const;

 private:
  struct Table;  // the C functions
  struct OpenResource {
    MappedFile content;
    std::string media_type;
  };

  runledger_status progress(double percent, runledger_text message);
  runledger_status emit(runledger_text event_type, runledger_text data);
  runledger_status log(runledger_text level, runledger_text text);
  runledger_status artifact(protocol::ResourceReport resource, std::span<const std::byte> content,
                            runledger_artifact& out);
  runledger_status http(const runledger_http_request* request, runledger_http_answer* answer);
  runledger_status artifact_from(runledger_text name, runledger_text media_type,
                                 const runledger_http_request* request,
                                 runledger_http_answer* answer, runledger_artifact& out);
  runledger_status open_resource(runledger_text resource_id, runledger_content& out);
  runledger_status set_result(runledger_text output);
  runledger_status set_failure(const runledger_failure& failure);
  runledger_status report(protocol::ReportBody body);

  const protocol::LeasedTask& task_;
  TaskLink& link_;
  OutsideLink& outside_;
  DurableCalls durable_;
  runledger_host table_{};
  mutable std::mutex mutex_;
  std::deque<OpenResource> opened_;  // until execute has returned
  std::optional<protocol::SucceededReport> result_;
  std::optional<protocol::FailedReport> failure_;
};

}  // namespace runledger::core::worker
