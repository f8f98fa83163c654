#include "core/worker/execute.h"

#include <array>

namespace runledger::core::worker {
namespace {

protocol::ReportBody call(const runledger_plugin& plugin, HostCalls& calls) {
  void* instance = nullptr;
  std::array<char, 1024> error{};
  if (plugin.create(&instance, error.data(), error.size()) != RUNLEDGER_OK) {
    error.back() = '\0';
    return protocol::FailedReport{
        "executor_error", std::string("The executor could not be made: ") + error.data(), true};
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
