#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>
#include <string_view>

#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/standard_output.h"
#include "core/worker/plugin_host.h"

namespace {

void set_up_logging() {
  // Diagnostics go to stderr: stdout is for data.
  auto logger = std::make_shared<spdlog::logger>("runledger",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace runledger::cli;
  using namespace runledger::core::worker;
  if (argc > 1 && std::string_view(argv[1]) == kPluginHostCommand) {
    return run_plugin_host(argc, argv);  // before anything that a plugin's process does not need
  }
  std::signal(SIGPIPE, SIG_IGN);
  set_up_logging();

  CLI::App app{"Runledger runs long media and automation work and remembers all of it in a log."};
  app.name("runledger");
  app.set_version_flag("--version", "runledger " RUNLEDGER_VERSION);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  Chosen chosen;
  add_serve(app, chosen);
  add_worker(app, chosen);
  add_plugin(app, chosen);
  add_submit(app, chosen);
  add_events(app, chosen);
  add_resolve(app, chosen);
  add_token(app, chosen);
  add_log(app, chosen);
  add_bench(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? kExitOk : kExitUsage;
  }
  try {
    return finish_standard_output(chosen());
  } catch (const Failure& failure) {
    std::cerr << "runledger: " << failure.what() << '\n';
    return failure.exit_code();
  } catch (const std::exception& broken) {
    std::cerr << "runledger: " << broken.what() << '\n';
    return kExitSoftware;
  }
}
