// A stand-in for remote providers of AI: see README.md.
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>

#include "examples/provider/media.h"
#include "examples/provider/routes.h"
#include "examples/provider/server.h"

namespace provider = runledger::provider;

namespace {

std::int64_t now_ms() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

void serve(const std::string& listen, provider::Settings settings) {
  provider::Server server(listen);
  settings.base_url = server.base_url();
  settings.dead_url = server.dead_url();
  provider::State state{settings, provider::make_picture(), provider::make_clip(), {}, {}, {}};
  if (!state.clip) std::cerr << "No videos are offered: ffmpeg is missing or failed\n";
  std::cout << settings.base_url << std::endl;
  server.run([&state](const provider::Request& request) {
    return provider::answer(state, request, now_ms());
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::string listen = "127.0.0.1:0";
  provider::Settings settings;
  CLI::App app("A stand-in for remote providers of AI, with faults to order. Loopback only.");
  app.add_option("--listen", listen, "ADDRESS:PORT of loopback; port 0: any free one");
  app.add_option("--job-ms", settings.job_ms, "How long a job takes")
      ->check(CLI::Range(std::int64_t{0}, provider::kFaultMsMax));
  app.add_option("--token", settings.token, "The only bearer token to take; any without it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  try {
    serve(listen, settings);
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << '\n';
    return EX_USAGE;
  } catch (const std::exception& error) {
    std::cerr << "Cannot listen on " << listen << ": " << error.what() << '\n';
    return EX_UNAVAILABLE;
  }
  return EX_OK;
}
