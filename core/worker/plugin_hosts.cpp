#include "core/worker/plugin_hosts.h"

#include <spdlog/spdlog.h>

#include <system_error>
#include <utility>

#include "core/worker/host_conversation.h"
#include "core/worker/host_messages.h"

namespace runledger::core::worker {
namespace {

protocol::FailedReport could_not(const std::string& what) {
  return {"executor_error", "The plugin's process could not be used: " + what, true};
}

}  // namespace

PluginHosts::PluginHosts(HostSettings settings, std::vector<PluginFile> plugins,
                         std::size_t processes_max, ProviderAccess providers,
                         std::unique_ptr<ResourceSource> resources)
    : settings_(std::move(settings)),
      plugins_(std::move(plugins)),
      processes_max_(processes_max),
      providers_(std::move(providers)),
      resources_(std::move(resources)) {
  for (const PluginFile& plugin : plugins_) {
    for (const auto& type : plugin.task_types) by_type_.emplace(type.name, &plugin);
  }
}

std::unique_ptr<HostProcess> PluginHosts::take(const PluginFile& plugin,
                                               std::uint64_t memory_bytes) {
  std::unique_ptr<HostProcess> retired;  // ends after the lock
  const std::scoped_lock lock(mutex_);
  // The one that was used last: the others may grow old and go.
  for (auto it = idle_.rbegin(); it != idle_.rend(); ++it) {
    if ((*it)->plugin() != plugin.path || (*it)->memory_bytes() != memory_bytes) continue;
    auto host = std::move(*it);
    idle_.erase(std::next(it).base());
    if (!host->ended()) return host;
    spdlog::warn("{}, pid {}, ended between two tasks", plugin.name, host->pid());
    retired = std::move(host);
    --processes_;
    break;
  }
  if (processes_ >= processes_max_ && !idle_.empty()) {
    retired = std::move(idle_.front());
    idle_.pop_front();
    --processes_;
  }
  ++processes_;
  return nullptr;
}

HostSettings PluginHosts::settings_for(const PluginFile& plugin,
                                       const std::string& task_type) const {
  HostSettings settings = settings_;
  const auto limited = plugin.memory_bytes.find(task_type);
  if (limited != plugin.memory_bytes.end()) settings.memory_bytes = limited->second;
  return settings;
}

void PluginHosts::give_back(std::unique_ptr<HostProcess> host) {
  if (!settle(*host) || !host->worth_keeping()) return let_go(std::move(host));
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(host));
}

void PluginHosts::let_go(std::unique_ptr<HostProcess> host) {
  host.reset();
  const std::scoped_lock lock(mutex_);
  --processes_;
}

void PluginHosts::close() {
  const std::scoped_lock lock(mutex_);
  processes_ -= idle_.size();
  idle_.clear();
}

protocol::ReportBody PluginHosts::run(const protocol::LeasedTask& task, TaskLink& link,
                                      const TaskStop& stop) {
  const auto found = by_type_.find(task.task_type);
  if (found == by_type_.end()) {
    return protocol::FailedReport{"unknown_task_type",
                                  "This worker has no plugin for " + task.task_type, true};
  }
  const PluginFile& plugin = *found->second;
  const HostSettings settings = settings_for(plugin, task.task_type);
  auto host = take(plugin, settings.memory_bytes);
  const bool is_new = host == nullptr;
  if (is_new) {
    try {
      if (auto problem = plugin.changed(); !problem.empty()) {
        let_go(nullptr);
        return protocol::FailedReport{"plugin_changed", problem, true};
      }
      host = std::make_unique<HostProcess>(settings, plugin.path, plugin.processes,
                                           HostPurpose::kRunTasks, watch_);
    } catch (const std::system_error& failed) {
      let_go(nullptr);
      return could_not(failed.what());
    }
  }
  std::optional<protocol::ReportBody> outcome;
  bool ready = false;
  {  // a stop may come as long as the callbacks live: the process stays where it is
    const std::stop_callback on_stop(stop.stop,
                                     [&] { host->socket().try_send(number_of(HostFrame::kStop)); });
    const std::stop_callback on_kill(stop.kill, [&] { host->kill(KilledFor::kNotStopping); });
    const HostReady start = is_new ? wait_until_ready(*host) : HostReady{true, {}};
    if (!start.refusal.empty()) outcome = could_not(start.refusal);
    ready = start.ready;
    if (ready) outcome = converse(*host, task, link, {providers_, resources_.get()}, stop);
  }
  if (outcome && ready) {
    give_back(std::move(host));
    return std::move(*outcome);
  }
  const HostEnd end = host->end();
  let_go(std::move(host));
  if (outcome) return std::move(*outcome);
  if (end.killed_for == KilledFor::kNotStopping) return protocol::CanceledReport{};
  spdlog::error("{}, task {}: {}", plugin.name, task.task_id, cause_of(end));
  if (auto left = log_of(end)) link.report(std::move(*left));
  return failure_of(end);
}

}  // namespace runledger::core::worker
