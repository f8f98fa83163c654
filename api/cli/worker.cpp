// `runledger worker`: a worker process, started by `serve` or by hand.
#include "core/worker/worker.h"

#include <cstdlib>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/plugin_options.h"

namespace runledger::cli {

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
  add_plugin_options(*command, {settings->plugin_memory_bytes, settings->plugin_variables,
                                settings->credentials, settings->allowed_endpoints});
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
