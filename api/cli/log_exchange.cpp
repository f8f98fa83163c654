#include "api/cli/log_exchange.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/cli/data_argument.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/interruption.h"
#include "api/cli/progress_bar.h"
#include "eventlog/data_directory.h"
#include "eventlog/log_export.h"
#include "eventlog/log_import.h"
#include "eventlog/new_file.h"
#include "eventlog/zstd_stream.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kStandard = "-";  // standard output, standard input
constexpr std::string_view kZstdExtension = ".zst";
constexpr eventlog::Offset kOffsetMax = 999'999'999'999'999'999;

struct ExportCommand {
  std::string data;
  std::string file = std::string(kStandard);
  eventlog::Offset from = 0;
  std::optional<eventlog::Offset> to;
  bool zstd = false;
  bool json = false;
};

struct ImportCommand {
  std::string file;
  std::string data;
  bool json = false;
};

void print(const Json& figures, bool json, std::ostream& out) {
  if (json) {
    out << figures.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
    return;
  }
  for (const auto& [name, value] : figures.items()) {
    out << name << "  " << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
  }
}

std::string hex(const eventlog::Digest& digest) {
  return eventlog::to_hex(eventlog::bytes_of(digest));
}

// Where an export goes: a file that is there as a whole or not at all, or standard output.
class Target {
 public:
  explicit Target(const ExportCommand& command) {
    if (command.file == kStandard) {
      if (command.zstd && ::isatty(STDOUT_FILENO) == 1) {
        throw Failure(kExitUsage, "Compressed bytes are not for a terminal; name a file");
      }
    } else {
      try {
        file_ = std::make_unique<eventlog::NewFile>(command.file);
      } catch (const std::system_error& failed) {
        throw Failure(kExitCannotCreate, failed.what());
      }
    }
    if (command.zstd || command.file.ends_with(kZstdExtension)) {
      zstd_ = std::make_unique<eventlog::ZstdWriter>(
          [this](std::string_view bytes) { write_plain(bytes); });
    }
  }

  void write(std::string_view bytes) {
    if (zstd_) {
      zstd_->write(bytes);
    } else {
      write_plain(bytes);
    }
  }
  void finish() {
    if (zstd_) zstd_->finish();
    if (file_) file_->finish();
  }
  std::uint64_t bytes() const { return bytes_; }
  // A bar on the same terminal would be in the way.
  bool hides_progress() const { return !file_ && ::isatty(STDOUT_FILENO) == 1; }

 private:
  void write_plain(std::string_view bytes) {
    bytes_ += bytes.size();
    if (file_) {
      file_->write(bytes);
    } else {
      eventlog::write_all(STDOUT_FILENO, bytes, "standard output");
    }
  }

  std::unique_ptr<eventlog::NewFile> file_;
  std::unique_ptr<eventlog::ZstdWriter> zstd_;
  std::uint64_t bytes_ = 0;
};

eventlog::ExportReport write_export(const ExportCommand& command, Target& target) {
  ProgressBar bar("exporting");
  eventlog::ExportOptions options;
  options.from = command.from;
  options.to = command.to;
  options.on_progress = [&](eventlog::Offset done, eventlog::Offset total) {
    Interruption::check();
    if (!target.hides_progress()) bar.show(done, total);
  };
  auto report = eventlog::export_log(require_data(command.data).log(), options,
                                     [&](std::string_view bytes) { target.write(bytes); });
  target.finish();
  return report;
}

int export_log(const ExportCommand& command) {
  if (command.to && command.from > *command.to) {
    throw Failure(kExitUsage, "Expected --from not to be behind --to");
  }
  require_data(command.data);
  Target target(command);
  const auto report = write_export(command, target);
  const bool to_stdout = command.file == kStandard;
  const Json figures = {{"exported", command.file},
                        {"from", report.from},
                        {"to", report.chain.head},
                        {"events", report.chain.head - report.from},
                        {"hash", hex(report.chain.hash)},
                        {"checkpoints", report.checkpoints},
                        {"erased_payloads", report.erased_payloads},
                        {"bytes", target.bytes()}};
  // Data go to stdout, the rest to stderr.
  print(figures, command.json, to_stdout ? std::cerr : std::cout);
  return kExitOk;
}

eventlog::FileDescriptor open_input(const std::string& file) {
  try {
    if (file == kStandard) return eventlog::FileDescriptor(::dup(STDIN_FILENO));
    return eventlog::open_file(file, O_RDONLY);
  } catch (const std::system_error& failed) {
    throw Failure(kExitNoInput, failed.what());
  }
}

eventlog::VerifyReport read_import(const ImportCommand& command) {
  const auto input = open_input(command.file);
  eventlog::FileSource source(input.get());
  std::optional<ProgressBar> importing("importing");
  std::optional<ProgressBar> verifying;
  eventlog::ImportOptions options;
  options.on_progress = [&](eventlog::Offset done, eventlog::Offset total) {
    Interruption::check();
    if (importing) importing->show(done, total);
  };
  options.on_verify = [&](eventlog::Offset done, eventlog::Offset total) {
    importing.reset();
    if (!verifying) verifying.emplace("verifying");
    verifying->show(done, total);
  };
  return eventlog::import_log(source, command.data, options);
}

int import_log(const ImportCommand& command) {
  try {
    const auto report = read_import(command);
    print({{"imported", command.data},
           {"events", report.chain.head},
           {"hash", hex(report.chain.hash)},
           {"checkpoints", report.checkpoints},
           {"key_ids", report.key_ids},
           {"erased_payloads", report.erased_payloads}},
          command.json, std::cout);
    return kExitOk;
  } catch (const eventlog::ImportRefused& refused) {
    throw Failure(kExitData, command.file + ": " + refused.what());
  } catch (const eventlog::DataDirectoryError& refused) {
    throw Failure(kExitCannotCreate, refused.what());
  } catch (const eventlog::LogError& failed) {
    throw Failure(kExitIo, failed.what());
  }
}

template <typename Command>
int guarded(int (*run)(const Command&), const Command& command) {
  const Interruption interruption;
  int exit_code = kExitIo;
  std::string reason;
  try {
    return run(command);
  } catch (const Failure& failure) {
    exit_code = failure.exit_code();
    reason = failure.what();
  } catch (const std::system_error& failed) {
    reason = failed.what();
  } catch (const eventlog::LogIoError& failed) {
    reason = failed.what();
  } catch (const std::out_of_range& nothing_there) {
    exit_code = kExitNoInput;
    reason = nothing_there.what();
  } catch (const std::runtime_error& refused) {
    exit_code = kExitData;
    reason = refused.what();
  }
  if (Interruption::asked()) end_by_signal();
  std::cerr << "runledger: " << reason << "\n";
  return exit_code;
}

template <typename Command>
CLI::App* add(CLI::App& log, const char* name, const char* help, int (*run)(const Command&),
              const std::shared_ptr<Command>& options, std::function<int()>& chosen) {
  CLI::App* command = log.add_subcommand(name, help);
  command->add_flag("--json", options->json, "One JSON object that says what was done");
  command->callback([run, options, &chosen] {
    chosen = [run, options] {
      return guarded(run, *options);
    };
  });
  return command;
}

}  // namespace

void add_log_export(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<ExportCommand>();
  CLI::App* command = add(log, "export", "Write a log as one JSON object a line (CloudEvents)",
                          export_log, options, chosen);
  command->add_option("data", options->data, "The data directory, also of a running server")
      ->required();
  command->add_option("file", options->file, "Where to; - is standard output")
      ->capture_default_str();
  // Without a range a minus sign would be taken, and give a large number.
  const CLI::Range offsets(eventlog::Offset{0}, kOffsetMax);
  command->add_option("--from", options->from, "The first event's offset")
      ->check(offsets)
      ->capture_default_str();
  command->add_option("--to", options->to, "The offset behind the last event; without it, all")
      ->check(offsets);
  command->add_flag("--zstd", options->zstd, "Compress, as a file named .zst always is");
}

void add_log_import(CLI::App& log, std::function<int()>& chosen) {
  auto options = std::make_shared<ImportCommand>();
  CLI::App* command = add(log, "import", "Verify an export and make a new data directory of it",
                          import_log, options, chosen);
  command->add_option("file", options->file, "The export; - is standard input")->required();
  command->add_option("data", options->data, "The new data directory")->required();
}

}  // namespace runledger::cli
