// `runledger log`: looks into the log of a data directory, also while a server is writing it.
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/cli/commands.h"
#include "api/cli/data_argument.h"
#include "api/cli/event_line.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/log_backup.h"
#include "api/cli/log_exchange.h"
#include "api/cli/log_rebuild.h"
#include "api/cli/log_verify.h"
#include "core/views/run_view.h"
#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::cli {
namespace {

struct LogOptions {
  std::string data;
  std::string which;
  std::uint64_t count = 20;
  bool json = false;
};

std::unique_ptr<const eventlog::Storage> open(const std::string& data) {
  try {
    return eventlog::open_read_only(require_data(data).log());
  } catch (const eventlog::LogError& damaged) {
    throw Failure(kExitData, damaged.what());
  } catch (const std::system_error& failed) {
    throw Failure(kExitNoPermission, failed.what());
  }
}

void print(const eventlog::RecordView& record, bool json) {
  std::string line;
  core::append_feed_event(line, record);
  if (!json) {
    const auto event = nlohmann::ordered_json::parse(line);
    line = std::to_string(record.offset) + "  " + std::string(record.stream) + event_line(event);
  }
  std::cout << line << '\n';
}

std::optional<eventlog::Offset> as_offset(const std::string& text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(text);
}

// One event by its offset, or all of a stream by its name.
int show(const LogOptions& options) {
  const auto storage = open(options.data);
  const auto offset = as_offset(options.which);
  bool found = false;
  const auto visit = [&](const eventlog::RecordView& record) {
    found = true;
    print(record, options.json);
    return !offset;
  };
  if (offset) {
    storage->log().read(*offset, visit);
  } else {
    storage->log().read_stream(options.which, 0, visit);
  }
  if (found) return kExitOk;
  throw Failure(kExitNoInput, "There is no event or stream " + options.which + "; the log has " +
                                  std::to_string(storage->log().head()) + " events");
}

int tail(const LogOptions& options) {
  const auto storage = open(options.data);
  const auto head = storage->log().head();
  storage->log().read(head > options.count ? head - options.count : 0,
                      [&](const eventlog::RecordView& record) {
                        print(record, options.json);
                        return true;
                      });
  return kExitOk;
}

}  // namespace

void add_log(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<LogOptions>();
  CLI::App* log = app.add_subcommand("log", "Look into the log of a data directory");
  log->require_subcommand(1);
  const auto add = [&](const char* name, const char* help) {
    CLI::App* command = log->add_subcommand(name, help);
    command->add_option("data", options->data, "The data directory")->required();
    command->add_flag("--json", options->json, "One JSON object a line");
    return command;
  };
  CLI::App* show_command = add("show", "Show one event, or all of a stream");
  show_command->add_option("which", options->which, "An offset, a run's id, or sys/…")->required();
  show_command->callback([options, &chosen] {
    chosen = [options] {
      return show(*options);
    };
  });
  CLI::App* tail_command = add("tail", "Show the latest events");
  tail_command->add_option("-n,--count", options->count, "How many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  tail_command->callback([options, &chosen] {
    chosen = [options] {
      return tail(*options);
    };
  });
  add_log_verify(*log, chosen);
  add_log_checkpoint(*log, chosen);
  add_log_rebuild(*log, chosen);
  add_log_stats(*log, chosen);
  add_log_backup(*log, chosen);
  add_log_restore(*log, chosen);
  add_log_export(*log, chosen);
  add_log_import(*log, chosen);
}

}  // namespace runledger::cli
