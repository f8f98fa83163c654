// `runledger resolve`: says what became of a remote job of which nobody knew.
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/http_client.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ResolveOptions {
  ClientOptions client;
  std::string task_id;
  std::string execute_id;
  bool not_submitted = false;
  std::optional<std::string> failed;
  std::optional<std::uint64_t> expected_version;
  bool json = false;
};

std::string body_of(const ResolveOptions& options) {
  Json body = {{"outcome", "not_submitted"}};
  if (!options.execute_id.empty()) {
    body = {{"outcome", "submitted"}, {"execute_id", options.execute_id}};
  } else if (options.failed) {
    body = {{"outcome", "failed"}, {"message", *options.failed}};
  } else if (!options.not_submitted) {
    throw Failure(kExitUsage, "Expected one of --execute-id, --not-submitted and --failed");
  }
  if (options.expected_version) body["expected_version"] = *options.expected_version;
  return body.dump();
}

int resolve(const ResolveOptions& options) {
  const std::string body = body_of(options);
  HttpClient client(options.client.server, find_token(options.client));
  const std::string path = "/v1/tasks/" + percent_encoded(options.task_id) + "/resolve";
  const std::string answer = client.expect("POST", path, body);
  if (options.json) {
    std::cout << answer << '\n';
  } else {
    std::cout << Json::parse(answer).at("run_id").get<std::string>() << '\n';
  }
  return kExitOk;
}

}  // namespace

void add_resolve(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ResolveOptions>();
  CLI::App* command =
      app.add_subcommand("resolve", "Say what became of a remote job of which nobody knew");
  add_client_options(*command, options->client);
  command->add_option("task", options->task_id, "The task's id")->required();
  auto* submitted = command->add_option("--execute-id", options->execute_id,
                                        "The provider has the job, under this name");
  auto* not_submitted = command->add_flag("--not-submitted", options->not_submitted,
                                          "It does not: the task hands it over again");
  auto* failed =
      command->add_option("--failed", options->failed, "The task fails, with this message");
  submitted->excludes(not_submitted)->excludes(failed);
  not_submitted->excludes(failed);
  command->add_option("--expected-version", options->expected_version,
                      "Of the run, as it was looked at: refused if it has changed since");
  command->add_flag("--json", options->json, "Print the server's answer");
  command->callback([options, &chosen] {
    chosen = [options] {
      return resolve(*options);
    };
  });
}

}  // namespace runledger::cli
