// `runledger serve`: puts the parts together, runs until it is told to stop, takes them apart
// again.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "api/cli/commands.h"
#include "api/cli/exit_codes.h"
#include "api/cli/failure.h"
#include "api/cli/fatal_end.h"
#include "api/cli/serve_settings.h"
#include "api/edge/edge.h"
#include "api/http/route_table.h"
#include "api/rest/routes.h"
#include "api/rest/transport/pistache_application.h"
#include "core/base/json_reader.h"
#include "core/domain/event_codec.h"
#include "core/engine/engine.h"
#include "core/worker/supervisor.h"
#include "eventlog/rocksdb_storage.h"

namespace runledger::cli {
namespace {

// A worker that says nothing for so long, pings included, is taken to be away.
constexpr std::chrono::seconds kWorkerIdleTime{15};

// Blocked in every thread; taken by wait_for_stop() alone.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, kFatalEndSignal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void wait_for_stop(const sigset_t& signals) {
  int signal = 0;
  do {
    if (sigwait(&signals, &signal) != 0) continue;
  } while (signal == 0 || (signal == kFatalEndSignal && !fatal_end_begun()));
  if (signal != kFatalEndSignal) spdlog::info("stopping on signal {}", signal);
}

// Files and connections share one limit; the log must never be short of a file because of clients.
std::size_t connections_for(const rlimit& files, std::size_t wanted) {
  constexpr rlim_t kReservedFiles = 1024;  // table files, socket pairs, uploads, artifacts
  const rlim_t reserved = std::min<rlim_t>(kReservedFiles, files.rlim_cur / 4 * 3);
  return std::min<std::size_t>(wanted, files.rlim_cur - reserved);
}

std::size_t raise_file_limit(std::size_t connections_wanted) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const rlimit raised{files.rlim_max, files.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  return connections_for(files, connections_wanted);
}

// A client that has read the address may submit at once: task types are known by then.
void wait_for_worker(const core::Engine& engine, const ServeSettings& settings) {
  constexpr auto kPatience = std::chrono::seconds(10);
  if (settings.workers == 0) return;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (engine.workers() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (engine.workers() == 0) spdlog::warn("no worker has registered yet");
}

std::string host_for_url(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "[::1]";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

core::worker::SupervisorSettings supervisor_settings(const ServeSettings& settings,
                                                     const std::string& url,
                                                     const std::string& token) {
  core::worker::SupervisorSettings supervisor;
  supervisor.executable = std::filesystem::read_symlink("/proc/self/exe");
  supervisor.server_url = url;
  supervisor.token = token;
  supervisor.plugins = settings.plugins;
  // One session for all of them: what they share is only trusted code.
  supervisor.workers = settings.workers > 0 ? 1 : 0;
  supervisor.slots_per_worker = settings.workers;
  supervisor.plugin_memory_bytes = settings.plugin_memory_bytes;
  supervisor.plugin_variables = settings.plugin_variables;
  supervisor.credentials = settings.credentials;
  supervisor.allowed_endpoints = settings.allowed_endpoints;
  return supervisor;
}

void run_server(const ServeSettings& settings, const eventlog::DataDirectory& directory,
                eventlog::Storage& storage, const sigset_t& signals) {
  const core::SystemClock clock;
  core::SystemRandom random;
  core::EngineSettings engine_settings;
  engine_settings.free_bytes_min = settings.free_space_min;
  engine_settings.dispatcher.worker_grace_ms =
      static_cast<std::uint32_t>(settings.worker_grace_s * 1000);
  engine_settings.policy.tenant_running_max = settings.tenant_running_max.value_or(core::kNoLimit);
  engine_settings.policy.type_running_max = settings.type_limits;
  engine_settings.policy.overdue_after_ms = settings.overdue_after_s * 1000;
  core::Engine engine(directory, storage, clock, random, engine_settings, begin_fatal_end);
  const api::RouteTable routes(api::make_routes(engine));
  api::PistacheApplication application({});
  api::EdgeSettings edge_settings;
  edge_settings.address = settings.address;
  edge_settings.port = settings.port;
  edge_settings.limits.session_idle_timeout = kWorkerIdleTime;
  edge_settings.limits.connections_max = raise_file_limit(edge_settings.limits.connections_max);
  api::Edge edge(edge_settings, routes, application, engine.tokens(), engine.dispatcher(),
                 engine.artifacts(), engine.news());
  engine.start();
  edge.start();

  const std::string url =
      "http://" + host_for_url(settings.address) + ":" + std::to_string(edge.port());
  const std::string worker_token = core::make_secret(random);
  engine.tokens().admit(
      worker_token, {"", "local-worker", {core::Role::kWorker}, std::string(core::kLocalTokenId)});
  core::worker::Supervisor supervisor(supervisor_settings(settings, url, worker_token),
                                      [](const core::worker::WorkerExit& exit) {
                                        spdlog::warn("worker {} (pid {}) has ended: {}", exit.name,
                                                     exit.pid, how_it_ended(exit.status));
                                      });
  supervisor.start();
  wait_for_worker(engine, settings);
  if (!is_loopback(settings.address)) {
    spdlog::warn(
        "{} can be reached from other machines, and this is plain HTTP: tokens can be read "
        "on the way unless a proxy with TLS stands in front",
        settings.address);
  }
  std::cout << "Runledger " RUNLEDGER_VERSION " listens on " << url << std::endl;
  spdlog::info(
      "data in {}, {} events, {} local tasks side by side, at most {} connections, admin token in "
      "{}",
      directory.paths().root.string(), storage.log().head(), settings.workers,
      edge_settings.limits.connections_max, directory.paths().admin_token().string());

  wait_for_stop(signals);
  if (fatal_end_begun()) {
    edge.stop();  // those who wait have been answered; their answers go out
    finish_fatal_end();
  }
  engine.begin_stop();
  supervisor.stop();
  edge.stop();
  engine.stop();
  spdlog::info("stopped");
}

bool is_disk_error(const std::system_error& failed) {
  using std::errc;
  return failed.code() == errc::no_space_on_device || failed.code() == errc::io_error ||
         failed.code() == errc::read_only_file_system;
}

int serve(const ServeSettings& settings) {
  const sigset_t signals = block_stop_signals();
  // It has every tenant's data and the operator's secrets: no other process of its user looks in.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  try {
    const eventlog::DataDirectory directory(settings.data);
    eventlog::RocksDbOptions options;
    options.accept_data_loss = settings.accept_data_loss;
    options.on_failure = begin_fatal_end;
    {
      eventlog::RocksDbStorage storage(directory.paths().log(), options);
      run_server(settings, directory, storage, signals);
    }
    if (fatal_end_begun()) finish_fatal_end();  // its last writes have failed
    return kExitOk;
  } catch (const eventlog::DataDirectoryError& refused) {
    throw Failure(kExitCannotCreate, refused.what());
  } catch (const eventlog::LogIoError& failed) {
    throw Failure(kExitIo, std::string("The event log cannot be used: ") + failed.what());
  } catch (const eventlog::LogError& damaged) {
    throw Failure(kExitData, std::string("The event log cannot be used: ") + damaged.what());
  } catch (const core::EventCodecError& unknown) {
    throw Failure(kExitData, std::string("The event log cannot be used: ") + unknown.what());
  } catch (const core::JsonShapeError& damaged) {
    throw Failure(kExitData, std::string("A stored row cannot be read: ") + damaged.what());
  } catch (const std::system_error& failed) {
    throw Failure(is_disk_error(failed) ? kExitIo : kExitUnavailable, failed.what());
  } catch (const std::runtime_error& failed) {
    throw Failure(kExitUnavailable, failed.what());
  }
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  auto settings = std::make_shared<ServeSettings>();
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  add_serve_options(*command, *settings);
  command->callback([command, settings, &chosen] {
    chosen = [command, settings] {
      complete(*command, *settings);
      return serve(*settings);
    };
  });
}

}  // namespace runledger::cli
