// `runledger events`: a run's history, and what is being added to it.
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/event_line.h"
#include "api/cli/run_follower.h"

namespace runledger::cli {
namespace {

struct EventsOptions {
  ClientOptions client;
  std::string run_id;
  std::uint64_t from = 0;
  bool follow = false;
  bool json = false;
};

int show_events(const EventsOptions& options) {
  HttpClient client(options.client.server, find_token(options.client));
  follow_run(client, options.run_id, {options.from, options.follow},
             [&](const nlohmann::ordered_json& event) {
               std::cout << (options.json ? event.dump() : event_line(event)) << std::endl;
             });
  return 0;
}

}  // namespace

void add_events(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* command = app.add_subcommand("events", "Show the events of a run");
  add_client_options(*command, options->client);
  command->add_option("run", options->run_id, "The run's id")->required();
  command->add_option("--from", options->from, "Index to begin at")->capture_default_str();
  command->add_flag("--follow", options->follow, "Go on until the run has ended");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->callback([options, &chosen] {
    chosen = [options] {
      return show_events(*options);
    };
  });
}

}  // namespace runledger::cli
