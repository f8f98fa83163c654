#include "api/cli/log_rebuild.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/cli/progress_bar.h"
#include "core/base/json_writer.h"
#include "core/engine/rebuild.h"
#include "core/views/row_keys.h"
#include "core/views/state_digest.h"
#include "eventlog/data_directory.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::cli {
namespace {

using nlohmann::ordered_json;

struct RebuildCommand {
  std::string data;
  bool replace = false;
  bool json = false;
};

struct Rebuilt {
  core::RebuildReport report;
  std::string rows_version;   // of the stored rows
  eventlog::Offset head = 0;  // of the log; the rows may stand for less
  bool replaced = false;
};

core::FoldProgress progress_of(ProgressBar& bar) {
  return [&bar](std::uint64_t done, std::uint64_t total) {
    bar.show(done, total);
  };
}

std::string version_of_rows(const eventlog::Storage& storage) {
  return storage.rows().get(core::row_keys::kRowsVersionRow).value_or("0");
}

// Beside a server, if there is one.
Rebuilt compare(const eventlog::DataPaths& paths) {
  const auto storage = eventlog::open_read_only(paths.log());
  eventlog::ScratchRows scratch(paths.root);
  ProgressBar bar("folding");
  return {core::rebuild(*storage, scratch, progress_of(bar)), version_of_rows(*storage),
          storage->log().head(), false};
}

// Alone: the directory's lock is held.
Rebuilt replace(const std::string& data) {
  eventlog::inspect_data_directory(data);  // a rebuild makes no new directory
  const eventlog::DataDirectory directory(data);
  eventlog::RocksDbStorage storage(directory.paths().log());
  eventlog::ScratchRows scratch(directory.paths().root);
  ProgressBar bar("folding");
  Rebuilt rebuilt{{}, version_of_rows(storage), storage.log().head(), true};
  rebuilt.report = core::rebuild(storage, scratch, progress_of(bar),
                                 [&](std::span<const eventlog::RowChange> changes) {
                                   storage.commit_rows(changes, storage.rows_offset());
                                 });
  if (core::state_digest(storage.rows()) == rebuilt.report.digest) return rebuilt;
  throw std::runtime_error("The rows in " + data + " still differ after they were replaced");
}

double events_per_second(const core::RebuildReport& report) {
  return report.fold_seconds > 0 ? static_cast<double>(report.events) / report.fold_seconds : 0;
}

ordered_json as_json(const Rebuilt& rebuilt) {
  const core::RebuildReport& report = rebuilt.report;
  ordered_json first = ordered_json::array();
  for (const auto& row : report.first) {
    first.push_back({{"key", row.key}, {"what", core::to_text(row.what)}});
  }
  return {{"same", report.differences == 0},
          {"replaced", rebuilt.replaced},
          {"events", report.events},
          {"log_events", rebuilt.head},
          {"rows", report.rows},
          {"digest", report.digest},
          {"stored_rows", report.stored_rows},
          {"stored_digest", report.stored_digest},
          {"differences", report.differences},
          {"first", std::move(first)},
          {"rows_version", core::kRowsVersion},
          {"stored_rows_version", rebuilt.rows_version},
          {"fold_seconds", report.fold_seconds},
          {"seconds", report.seconds},
          {"events_per_second", events_per_second(report)}};
}

void print_differences(const Rebuilt& rebuilt) {
  const core::RebuildReport& report = rebuilt.report;
  for (const auto& row : report.first) {
    std::string what(core::to_text(row.what));
    what.resize(10, ' ');
    std::cout << "  " << what << core::json_quoted(row.key) << "\n";
  }
  if (report.differences > report.first.size()) {
    std::cout << "  and " << report.differences - report.first.size() << " more\n";
  }
  if (rebuilt.rows_version != std::to_string(core::kRowsVersion)) {
    std::cout << "The stored rows are of version " << rebuilt.rows_version << ", this build has "
              << core::kRowsVersion << ": a start of the server folds them again.\n";
  }
}

void print(const Rebuilt& rebuilt) {
  const core::RebuildReport& report = rebuilt.report;
  if (report.differences == 0) {
    std::cout << "same: " << report.rows << " rows are the fold of " << report.events
              << " events\n";
  } else {
    std::cout << (rebuilt.replaced ? "replaced: " : "different: ") << report.differences
              << " rows are not the fold of " << report.events << " events\n";
    print_differences(rebuilt);
  }
  if (report.events < rebuilt.head) {
    std::cout << "The log goes on to " << rebuilt.head
              << " events, which the stored rows do not stand for yet: a start of the server folds "
                 "the rest.\n";
  }
  std::cout << "state digest " << report.digest << "\n";
  if (report.differences > 0) std::cout << "stored were " << report.stored_digest << "\n";
  std::printf("%.1f s, folded %.0f events/s\n", report.seconds, events_per_second(report));
}

int rebuild(const RebuildCommand& command) {
  try {
    const Rebuilt rebuilt = command.replace
                                ? replace(command.data)
                                : compare(eventlog::inspect_data_directory(command.data));
    if (command.json) {
      std::cout << as_json(rebuilt).dump(-1, ' ', false, ordered_json::error_handler_t::replace)
                << "\n";
    } else {
      print(rebuilt);
    }
    const bool good = rebuilt.replaced || rebuilt.report.differences == 0;
    return good ? kRebuildSame : kRebuildDifferent;
  } catch (const std::exception& reason) {
    std::cerr << "runledger: " << reason.what() << "\n";
    return kRebuildCouldNotLook;
  }
}

}  // namespace

void add_log_rebuild(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<RebuildCommand>();
  CLI::App* command = log.add_subcommand(
      "rebuild",
      "Fold all views from the log and compare them with the stored ones: exit 0 same, 1 "
      "different, 2 could not look");
  command->add_option("data", options->data, "The data directory; a server may use it")->required();
  command->add_flag("--replace", options->replace,
                    "Replace what differs; while no server runs. Then exit 0");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] {
    chosen = [options] {
      return rebuild(*options);
    };
  });
}

}  // namespace runledger::cli
