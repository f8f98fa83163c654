// Runs tasks in plugins' processes: at most one process for each slot, each with one library and
// one task at a time. A process that has run a task is kept for the next one of the same plugin.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/worker/host_process.h"
#include "core/worker/plugin_directory.h"
#include "core/worker/provider_calls.h"
#include "core/worker/task_executor.h"

namespace runledger::core::worker {

// Any thread. Processes end with the thread that ran a task in them first: it has to live as long.
class PluginHosts final : public TaskExecutor {
 public:
  PluginHosts(HostSettings settings, std::vector<PluginFile> plugins, std::size_t processes_max,
              ProviderAccess providers = {}, std::unique_ptr<ResourceSource> resources = {});

  protocol::ReportBody run(const protocol::LeasedTask& task, TaskLink& link,
                           const TaskStop& stop) override;
  // Ends the processes that have no task.
  void close();

 private:
  std::unique_ptr<HostProcess> take(const PluginFile& plugin, std::uint64_t memory_bytes);
  void give_back(std::unique_ptr<HostProcess> host);
  void let_go(std::unique_ptr<HostProcess> host);
  HostSettings settings_for(const PluginFile& plugin, const std::string& task_type) const;

  const HostSettings settings_;
  const std::vector<PluginFile> plugins_;
  const std::size_t processes_max_;
  const ProviderCalls providers_;
  const std::unique_ptr<ResourceSource> resources_;
  std::map<std::string, const PluginFile*> by_type_;
  HostWatch watch_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<HostProcess>> idle_;  // the longest idle first
  std::size_t processes_ = 0;
};

}  // namespace runledger::core::worker
