// A worker and nothing around it: worker_process SERVER_URL PLUGINS SUPERVISED_BY; and the process
// in which a plugin runs: worker_process plugin-host ….
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string_view>

#include "core/worker/plugin_host.h"
#include "core/worker/worker.h"

int main(int count, char** arguments) {
  using namespace runledger::core::worker;
  if (count > 1 && std::string_view(arguments[1]) == kPluginHostCommand) {
    return run_plugin_host(count, arguments);
  }
  if (count != 4) return 64;
  spdlog::default_logger();  // made before there are threads, as in the real program
  runledger::core::worker::WorkerSettings settings;
  settings.server_url = arguments[1];
  settings.plugins = arguments[2];
  settings.supervised_by = std::atoll(arguments[3]);
  settings.token = "secret";
  settings.name = "worker-1";
  settings.slots = 1;
  return runledger::core::worker::run_worker(settings);
}
