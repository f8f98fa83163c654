// `runledger token`: makes access tokens, through a running server or in a data directory at rest.
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/client_options.h"
#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/http_client.h"
#include "core/access/new_token.h"
#include "core/domain/event_codec.h"
#include "core/engine/engine.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::cli {
namespace {

struct TokenOptions {
  ClientOptions client;
  std::string data;
  std::string tenant;
  std::string user;
  std::vector<std::string> roles;
};

std::string create_by_server(const TokenOptions& options) {
  HttpClient client(options.client.server, find_token(options.client));
  const nlohmann::json body = {
      {"tenant", options.tenant}, {"user", options.user}, {"roles", options.roles}};
  return nlohmann::json::parse(client.expect("POST", "/v1/tokens", body.dump())).at("token");
}

core::NewToken make_token(const TokenOptions& options, core::Engine& engine) {
  auto made =
      core::make_token(options.tenant, options.user, options.roles, engine.ids(), engine.random());
  if (const auto* complaints = std::get_if<std::vector<core::TokenComplaint>>(&made)) {
    throw Failure(kExitUsage, complaints->front().member + ": " + complaints->front().message);
  }
  return std::get<core::NewToken>(std::move(made));
}

std::string create_in_directory(const TokenOptions& options) {
  const eventlog::DataDirectory directory(options.data);
  eventlog::RocksDbStorage storage(directory.paths().log());
  const core::SystemClock clock;
  core::SystemRandom random;
  core::Engine engine(directory, storage, clock, random, {}, [](const std::string&) {});
  engine.start();
  const core::NewToken token = make_token(options, engine);
  std::promise<bool> recorded;
  const bool queued =
      engine.submit(engine.commands().from_system(core::CreateToken{token.record}),
                    [&](const core::Outcome& outcome) {
                      recorded.set_value(std::holds_alternative<core::CommandReply>(outcome));
                    });
  if (!queued || !recorded.get_future().get()) {
    throw Failure(kExitIo, "The token could not be recorded");
  }
  return token.secret;
}

int create_token(const TokenOptions& options) {
  try {
    std::cout << (options.data.empty() ? create_by_server(options) : create_in_directory(options))
              << '\n';
    return kExitOk;
  } catch (const eventlog::DataDirectoryError& refused) {
    throw Failure(kExitCannotCreate,
                  std::string(refused.what()) + "; beside a running server use --server");
  } catch (const eventlog::LogError& damaged) {
    throw Failure(kExitData, damaged.what());
  } catch (const core::EventCodecError& unknown) {
    throw Failure(kExitData, unknown.what());
  }
}

}  // namespace

void add_token(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TokenOptions>();
  CLI::App* token = app.add_subcommand("token", "Access tokens");
  token->require_subcommand(1);
  CLI::App* command = token->add_subcommand("create", "Make a token and print it, once");
  add_client_options(*command, options->client);
  command->add_option("--data", options->data,
                      "Make it in this data directory, while no server runs");
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
