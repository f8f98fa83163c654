// `runledger worker`: a worker process, started by `serve` or by hand.
#include "core/worker/worker.h"

#include <cstdlib>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"

namespace runledger::cli {

namespace {

void add_plugin_host_options(CLI::App& command, core::worker::WorkerSettings& settings) {
  command
      .add_option("--plugin-memory", settings.plugin_memory_bytes,
                  "Bytes of address space for one plugin's process; 4GiB and the like")
      ->envname("RUNLEDGER_PLUGIN_MEMORY")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(core::worker::kHostMemoryBytesMin, std::uint64_t{1} << 46))
      ->default_str("4GiB");
  command
      .add_option("--plugin-env", settings.plugin_variables,
                  "Variable of the environment that plugins are to have; repeatable")
      ->envname("RUNLEDGER_PLUGIN_ENV")
      ->delimiter(',');
}

}  // namespace

void add_worker(CLI::App& app, Chosen& chosen) {
  auto settings = std::make_shared<core::worker::WorkerSettings>();
  auto client = std::make_shared<ClientOptions>();
  CLI::App* command = app.add_subcommand("worker", "Run tasks for a server");
  add_client_options(*command, *client);
  command->add_option("--plugins", settings->plugins, "Directory of the plugins")
      ->envname("RUNLEDGER_PLUGINS")
      ->required();
  command->add_option("--name", settings->name, "Name among the server's workers")->required();
  command->add_option("--slots", settings->slots, "Tasks side by side")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  add_plugin_host_options(*command, *settings);
  command->add_option("--supervised-by", settings->supervised_by, "Process to end with")->group("");
  command->callback([settings, client, &chosen] {
    chosen = [settings, client] {
      settings->server_url = client->server;
      settings->token = find_token(*client);
      unsetenv("RUNLEDGER_TOKEN");
      return core::worker::run_worker(*settings);
    };
  });
}

}  // namespace runledger::cli
