#include "api/cli/plugin_options.h"

#include "core/worker/limits.h"

namespace runledger::cli {

void add_plugin_options(CLI::App& command, const PluginOptions& options) {
  command
      .add_option("--plugin-memory", options.memory_bytes,
                  "Bytes of address space for one plugin's process; 4GiB and the like")
      ->envname("RUNLEDGER_PLUGIN_MEMORY")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::Range(core::worker::kHostMemoryBytesMin, std::uint64_t{1} << 46))
      ->default_str("4GiB");
  command
      .add_option("--plugin-env", options.variables,
                  "Variable of the environment that plugins are to have; repeatable")
      ->envname("RUNLEDGER_PLUGIN_ENV")
      ->delimiter(',');
  command
      .add_option("--credential", options.credentials,
                  "Secret that plugins may use by name, for one origin: "
                  "NAME=ORIGIN,file:PATH|env:VARIABLE[,HEADER]; repeatable")
      ->envname("RUNLEDGER_CREDENTIAL");
  command
      .add_option("--allow-endpoint", options.allowed_endpoints,
                  "ADDRESS:PORT that plugins may call although it is not public; repeatable")
      ->envname("RUNLEDGER_ALLOW_ENDPOINT");
}

}  // namespace runledger::cli
