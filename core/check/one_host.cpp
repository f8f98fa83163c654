#include "core/check/one_host.h"

#include <stop_token>

#include "core/worker/host_conversation.h"
#include "core/worker/host_messages.h"

namespace runledger::core::check {

OneHost::OneHost(const worker::HostSettings& settings, const worker::PluginFile& plugin,
                 worker::HostWatch& watch, worker::ResourceSource& resources)
    : resources_(resources),
      host_(std::make_unique<worker::HostProcess>(settings, plugin.path, plugin.processes,
                                                  worker::HostPurpose::kRunTasks, watch)) {}

protocol::ReportBody OneHost::run(const protocol::LeasedTask& task, worker::TaskLink& link,
                                  const worker::TaskStop& stop) {
  if (host_ == nullptr) return protocol::FailedReport{"plugin_crashed", cause_, true};
  {
    const std::stop_callback on_stop(
        stop.stop, [&] { host_->socket().try_send(number_of(worker::HostFrame::kStop)); });
    const std::stop_callback on_kill(stop.kill,
                                     [&] { host_->kill(worker::KilledFor::kNotStopping); });
    if (!ready_) ready_ = worker::wait_until_ready(*host_).ready;
    auto outcome = ready_ ? worker::converse(*host_, task, link, {providers_, &resources_}, stop)
                          : std::nullopt;
    if (outcome) {
      worth_keeping_ = host_->worth_keeping();
      return *std::move(outcome);
    }
  }
  const auto end = host_->end();
  host_.reset();
  worth_keeping_ = false;
  if (end.killed_for == worker::KilledFor::kNotStopping) return protocol::CanceledReport{};
  cause_ = worker::cause_of(end);
  return worker::failure_of(end);
}

}  // namespace runledger::core::check
