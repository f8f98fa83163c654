// `runledger bench log`: how fast the log is on this machine and its disk, beside what they could
// do.
#include <stdlib.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "api/cli/bench_report.h"
#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/progress_bar.h"
#include "eventlog/event_log.h"

namespace runledger::cli {
namespace {

namespace fs = std::filesystem;
using eventlog::bench::Settings;

constexpr std::chrono::milliseconds kBarInterval{100};
// The smallest log that has runs in its middle.
constexpr std::uint64_t kEventsMin = 20'000;
constexpr std::uint64_t kEventsMax = 1'000'000'000;
constexpr std::size_t kGroupsMin = 20;
constexpr std::size_t kGroupsMax = 1'000'000;
constexpr std::size_t kClientsMax = 4'096;  // the queue takes twice as many

struct BenchOptions {
  std::uint64_t events = Settings().events;
  std::size_t groups = Settings().groups;
  std::vector<std::size_t> clients = Settings().clients;
  std::string directory;
  bool json = false;
};

// The signal that asked for the end; the directory is removed before it is obeyed.
volatile std::sig_atomic_t g_interrupted_by = 0;

class Interrupted : public std::exception {};

// A new directory, removed with all that is in it.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const fs::path& parent) {
    std::string name = (parent / "runledger-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Failure(kExitCannotCreate, "No directory can be made in " + parent.string() + ": " +
                                           std::generic_category().message(errno));
    }
    path_ = name;
  }
  ~WorkingDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// A bar for each thing that is measured, drawn now and then.
class BenchProgress {
 public:
  void show(std::string_view what, std::uint64_t done, std::uint64_t total) {
    if (g_interrupted_by != 0) throw Interrupted();
    const auto now = std::chrono::steady_clock::now();
    if (what != what_) {
      bar_.reset();
      bar_.emplace(std::string(what));
      what_ = what;
    } else if (now - drawn_ < kBarInterval) {
      return;
    }
    drawn_ = now;
    bar_->show(done, total);
  }

 private:
  std::string what_;
  std::optional<ProgressBar> bar_;
  std::chrono::steady_clock::time_point drawn_;
};

eventlog::bench::Report measure(const BenchOptions& options) {
  const WorkingDirectory directory(options.directory.empty() ? fs::temp_directory_path()
                                                             : fs::path(options.directory));
  BenchProgress progress;
  Settings settings;
  settings.events = options.events;
  settings.groups = options.groups;
  settings.clients = options.clients;
  settings.directory = directory.path();
  settings.on_progress = [&](std::string_view what, std::uint64_t done, std::uint64_t total) {
    progress.show(what, done, total);
  };
  return eventlog::bench::run(settings);
}

int bench_log(const BenchOptions& options) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(signal, [](int which) { g_interrupted_by = which; });
  }
  try {
    const auto report = measure(options);
    std::cout << (options.json ? as_json(report) : as_table(report));
    return kExitOk;
  } catch (const Interrupted&) {
    std::signal(g_interrupted_by, SIG_DFL);
    std::raise(g_interrupted_by);
    return kExitSoftware;  // not reached: the signal ends the process
  } catch (const eventlog::LogError& failed) {
    throw Failure(kExitIo, failed.what());
  } catch (const std::system_error& failed) {
    throw Failure(kExitIo, failed.what());
  }
}

}  // namespace

void add_bench(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* bench = app.add_subcommand("bench", "Measure on this machine");
  bench->require_subcommand(1);
  CLI::App* command = bench->add_subcommand(
      "log",
      "Measure the log beside its floors: fdatasync, a bare RocksDB, a flat file. "
      "Works in a directory of its own and removes it");
  command->add_option("--events", options->events, "Events of the log that is read")
      ->check(CLI::Range(kEventsMin, kEventsMax))
      ->capture_default_str();
  command->add_option("--groups", options->groups, "Commits of each writer")
      ->check(CLI::Range(kGroupsMin, kGroupsMax))
      ->capture_default_str();
  command->add_option("--clients", options->clients, "How many callers wait at a time")
      ->delimiter(',')
      ->check(CLI::Range(std::size_t{1}, kClientsMax))
      ->capture_default_str();
  command
      ->add_option("--dir", options->directory,
                   "Where to work: the disk to be measured. By default the system's directory for "
                   "temporary files")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] {
    chosen = [options] {
      return bench_log(*options);
    };
  });
}

}  // namespace runledger::cli
