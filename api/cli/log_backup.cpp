#include "api/cli/log_backup.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/data_argument.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "eventlog/backup.h"
#include "eventlog/data_directory.h"
#include "eventlog/event_log.h"
#include "eventlog/log_stats.h"

namespace runledger::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Command {
  std::string from;
  std::string to;
  bool json = false;
};

void print(const Json& figures, bool json) {
  if (json) {
    std::cout << figures.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return;
  }
  for (const auto& [name, value] : figures.items()) {
    std::cout << name << "  " << (value.is_string() ? value.get<std::string>() : value.dump())
              << "\n";
  }
}

std::string hex(const eventlog::Digest& digest) {
  return eventlog::to_hex(eventlog::bytes_of(digest));
}

void stats(const Command& command) {
  const auto found = eventlog::log_stats(require_data(command.from).log());
  Json figures = {{"events", found.chain.head},
                  {"hash", hex(found.chain.hash)},
                  {"checkpoints", found.checkpoints},
                  {"bytes", found.bytes},
                  {"wal_bytes", found.wal_bytes}};
  for (const auto& [family, bytes] : found.table_bytes) figures[family + "_bytes"] = bytes;
  if (found.chain.head > 0) figures["bytes_per_event"] = found.bytes / found.chain.head;
  print(figures, command.json);
}

void back_up(const Command& command) {
  const auto made = eventlog::back_up(require_data(command.from), command.to);
  print({{"backup", made.directory.string()},
         {"events", made.report.chain.head},
         {"hash", hex(made.report.chain.hash)},
         {"bytes_copied", made.bytes_copied}},
        command.json);
}

void restore(const Command& command) {
  require_data(command.from);
  const auto report = eventlog::restore(command.from, command.to);
  print({{"restored", command.to}, {"events", report.chain.head}, {"hash", hex(report.chain.hash)}},
        command.json);
}

int guarded(void (*run)(const Command&), const Command& command) {
  int exit_code = kExitIo;
  std::string reason;
  try {
    run(command);
    return kExitOk;
  } catch (const Failure& failure) {
    exit_code = failure.exit_code();
    reason = failure.what();
  } catch (const eventlog::DataDirectoryError& refused) {
    exit_code = kExitCannotCreate;
    reason = refused.what();
  } catch (const eventlog::LogIoError& failed) {
    reason = failed.what();
  } catch (const std::system_error& failed) {
    reason = failed.what();
  } catch (const eventlog::LogError& refused) {
    exit_code = kExitData;
    reason = refused.what();
  }
  std::cerr << "runledger: " << reason << "\n";
  return exit_code;
}

CLI::App* add(CLI::App& log, const char* name, const char* help, void (*run)(const Command&),
              const std::shared_ptr<Command>& options, std::function<int()>& chosen) {
  CLI::App* command = log.add_subcommand(name, help);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([run, options, &chosen] {
    chosen = [run, options] {
      return guarded(run, *options);
    };
  });
  return command;
}

}  // namespace

void add_log_stats(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<Command>();
  CLI::App* command = add(log, "stats", "Show figures about a log", stats, options, chosen);
  command->add_option("data", options->from, "The data directory")->required();
}

void add_log_backup(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<Command>();
  CLI::App* command = add(log, "backup", "Make a verified backup, also beside a running server",
                          back_up, options, chosen);
  command->add_option("data", options->from, "The data directory")->required();
  command->add_option("target", options->to, "Where backups are kept")->required();
}

void add_log_restore(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<Command>();
  CLI::App* command = add(log, "restore", "Verify a backup and copy it to a new data directory",
                          restore, options, chosen);
  command->add_option("backup", options->from, "The backup")->required();
  command->add_option("data", options->to, "The new data directory")->required();
}

}  // namespace runledger::cli
