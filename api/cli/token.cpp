// `runledger token`: makes access tokens.
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/failure.h"
#include "api/cli/http_client.h"

namespace runledger::cli {
namespace {

struct TokenOptions {
  ClientOptions client;
  std::string tenant;
  std::string user;
  std::vector<std::string> roles;
};

int create_token(const TokenOptions& options) {
  HttpClient client(options.client.server, find_token(options.client));
  const nlohmann::json body = {
      {"tenant", options.tenant}, {"user", options.user}, {"roles", options.roles}};
  const std::string answer = client.expect("POST", "/v1/tokens", body.dump());
  std::cout << nlohmann::json::parse(answer).at("token").get<std::string>() << '\n';
  return 0;
}

}  // namespace

void add_token(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* token = app.add_subcommand("token", "Access tokens");
  token->require_subcommand(1);
  CLI::App* command = token->add_subcommand("create", "Make a token and print it, once");
  add_client_options(*command, options->client);
  command->add_option("--tenant", options->tenant, "Whose data it opens")->required();
  command->add_option("--user", options->user, "The user within the tenant")->required();
  command
      ->add_option("--role", options->roles,
                   "viewer, submitter, reviewer, worker, operator, admin; separated by commas")
      ->delimiter(',')
      ->required();
  command->callback([options, &chosen] {
    chosen = [options] {
      return create_token(*options);
    };
  });
}

}  // namespace runledger::cli
