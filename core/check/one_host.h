// A plugin's process for trials: the tasks that are run in it, one after the other, until it ends.
#pragma once

#include <memory>
#include <string>

#include "core/worker/host_process.h"
#include "core/worker/plugin_directory.h"
#include "core/worker/provider_calls.h"
#include "core/worker/task_executor.h"

namespace runledger::core::check {

// One thread.
class OneHost final : public worker::TaskExecutor {
 public:
  // Throws std::system_error when no process can be started.
  OneHost(const worker::HostSettings& settings, const worker::PluginFile& plugin,
          worker::HostWatch& watch, worker::ResourceSource& resources);

  protocol::ReportBody run(const protocol::LeasedTask& task, worker::TaskLink& link,
                           const worker::TaskStop& stop) override;

  // It has ended in the middle of a task, and not because it was killed for its time.
  bool crashed() const { return !cause_.empty(); }
  const std::string& cause() const { return cause_; }
  // Another task may be run in it: the last one has left no thread behind.
  bool worth_keeping() const { return worth_keeping_; }

 private:
  const worker::ProviderCalls providers_{{}};  // public addresses, no credentials
  worker::ResourceSource& resources_;
  std::unique_ptr<worker::HostProcess> host_;
  bool ready_ = false;
  bool worth_keeping_ = true;
  std::string cause_;
};

}  // namespace runledger::core::check
