#include "api/cli/log_backup.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "eventlog/backup.h"
#include "eventlog/data_directory.h"
#include "eventlog/log_stats.h"

namespace runledger::cli {
namespace {

// As in exit_codes.h, which the rest of the command line shares.
constexpr int kDone = 0;
constexpr int kDamagedOrRefused = 65;
constexpr int kDiskFailed = 74;

struct Command {
  std::string from;
  std::string to;
  bool json = false;
};

void print(const nlohmann::ordered_json& figures, bool json) {
  if (json) {
    std::cout << figures.dump() << "\n";
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
  const auto found = eventlog::log_stats(eventlog::inspect_data_directory(command.from).log());
  nlohmann::ordered_json figures = {{"events", found.chain.head},
                                    {"hash", hex(found.chain.hash)},
                                    {"checkpoints", found.checkpoints},
                                    {"bytes", found.bytes},
                                    {"wal_bytes", found.wal_bytes}};
  for (const auto& [family, bytes] : found.table_bytes) figures[family + "_bytes"] = bytes;
  if (found.chain.head > 0) figures["bytes_per_event"] = found.bytes / found.chain.head;
  print(figures, command.json);
}

void back_up(const Command& command) {
  const auto made = eventlog::back_up(eventlog::inspect_data_directory(command.from), command.to);
  print({{"backup", made.directory.string()},
         {"events", made.report.chain.head},
         {"hash", hex(made.report.chain.hash)},
         {"bytes_copied", made.bytes_copied}},
        command.json);
}

void restore(const Command& command) {
  const auto report = eventlog::restore(command.from, command.to);
  print({{"restored", command.to}, {"events", report.chain.head}, {"hash", hex(report.chain.hash)}},
        command.json);
}

int guarded(void (*run)(const Command&), const Command& command) {
  try {
    run(command);
    return kDone;
  } catch (const std::system_error& failed) {
    std::cerr << "runledger: " << failed.what() << "\n";
    return kDiskFailed;
  } catch (const std::runtime_error& refused) {
    std::cerr << "runledger: " << refused.what() << "\n";
    return kDamagedOrRefused;
  }
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
