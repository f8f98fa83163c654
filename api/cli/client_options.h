// How client commands find the server and their token.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace runledger::cli {

struct ClientOptions {
  std::string server = "http://127.0.0.1:8080";
  std::string token_file;  // e.g. DATA/admin-token
};

void add_client_options(CLI::App& command, ClientOptions& options);
// Throws Failure when there is none.
std::string find_token(const ClientOptions& options);

}  // namespace runledger::cli
