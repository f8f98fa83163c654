// A worker and nothing around it: worker_process SERVER_URL PLUGINS SUPERVISED_BY.
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "core/worker/worker.h"

int main(int count, char** arguments) {
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
