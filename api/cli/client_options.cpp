#include "api/cli/client_options.h"

#include <cstdlib>
#include <fstream>

#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"

namespace runledger::cli {

void add_client_options(CLI::App& command, ClientOptions& options) {
  command.add_option("--server", options.server, "The server's URL")
      ->envname("RUNLEDGER_SERVER")
      ->capture_default_str();
  command
      .add_option("--token-file", options.token_file,
                  "File with the token [the environment's RUNLEDGER_TOKEN]")
      ->envname("RUNLEDGER_TOKEN_FILE");
}

std::string find_token(const ClientOptions& options) {
  if (!options.token_file.empty()) {
    std::ifstream in(options.token_file);
    std::string token;
    if (!std::getline(in, token) || token.empty()) {
      throw Failure(kExitNoPermission,
                    "Expected a token in " + options.token_file + ", but it cannot be read");
    }
    return token;
  }
  if (const char* token = std::getenv("RUNLEDGER_TOKEN")) return token;
  throw Failure(kExitNoPermission,
                "Expected a token: set RUNLEDGER_TOKEN, or name a file with --token-file, e.g. "
                "the server's DATA/admin-token");
}

}  // namespace runledger::cli
