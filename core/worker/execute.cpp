#include "core/worker/execute.h"

#include <array>
#include <string>

#include "core/worker/plugin.h"
#include "core/worker/remote_memo.h"

namespace runledger::core::worker {
namespace {

runledger_text text_of(const std::string& text) {
  return {text.data(), text.size()};
}

void log(HostCalls& calls, const char* level, const std::string& line) {
  calls.link().report(protocol::LogReport{level, line});
}

// Best-effort: what the executor does not do, or fails to do, is in the log and changes nothing.
void cancel_jobs(const runledger_plugin& plugin, void* instance, HostCalls& calls) {
  if (!can_cancel_remote(plugin)) return;
  for (const protocol::TaskMemo& memo : calls.task().memos) {
    const auto known = remote_in(memo);
    if (!known) continue;
    const runledger_remote_job job{sizeof(runledger_remote_job), 0, text_of(known->idempotency_key),
                                   text_of(known->execute_id), text_of(known->resource_id)};
    const std::string what = "job " + known->execute_id + " at " + known->provider;
    const runledger_status status =
        plugin.cancel_remote(instance, &calls.table(), text_of(known->provider), &job);
    if (status == RUNLEDGER_OK) log(calls, "info", "The provider was asked to cancel " + what);
    if (status == RUNLEDGER_FAILED) log(calls, "warning", "There was no canceling " + what);
  }
}

protocol::ReportBody call(const runledger_plugin& plugin, HostCalls& calls) {
  void* instance = nullptr;
  std::array<char, 1024> error{};
  if (plugin.create(&instance, error.data(), error.size()) != RUNLEDGER_OK) {
    error.back() = '\0';
    return protocol::FailedReport{
        "executor_error", std::string("The executor could not be made: ") + error.data(), true};
  }
  if (calls.task().canceling) {
    cancel_jobs(plugin, instance, calls);
    plugin.destroy(instance);
    return protocol::CanceledReport{};
  }
  const runledger_status returned = plugin.execute(instance, &calls.table());
  plugin.destroy(instance);
  return calls.outcome(returned);
}

}  // namespace

protocol::ReportBody execute(const runledger_plugin& plugin, HostCalls& calls) {
  try {
    return call(plugin, calls);
  } catch (...) {
    // The contract forbids it, and plugins do it all the same.
    return protocol::FailedReport{
        "executor_error", "The executor threw an exception across the plugin boundary", true};
  }
}

}  // namespace runledger::core::worker
