#include "core/worker/worker.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/worker/artifact_upload.h"
#include "core/worker/backoff.h"
#include "core/worker/describe.h"
#include "core/worker/plugin_directory.h"
#include "core/worker/plugin_hosts.h"
#include "core/worker/resource_source.h"
#include "core/worker/session.h"
#include "core/worker/task_runner.h"

namespace runledger::core::worker {
namespace {

constexpr int kExitDrained = 0;
constexpr int kExitUnavailable = 69;
constexpr int kExitRefused = 77;
constexpr int kExitConfiguration = 78;

constexpr std::chrono::milliseconds kReconnectFirst{200};
constexpr std::chrono::milliseconds kReconnectLongest{10'000};

// Less than what the process was given. It has the token: no other process of the user, a plugin's
// above all, is to look into it.
bool settle(const WorkerSettings& settings) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  signal(SIGPIPE, SIG_IGN);
  if (settings.supervised_by == 0) return true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == settings.supervised_by;  // it may have gone before the line above
}

// SIGTERM and SIGINT, blocked in every thread, taken by one of its own.
class StopSignals {
 public:
  explicit StopSignals(std::function<void()> on_stop) : on_stop_(std::move(on_stop)) {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this] {
      int signal = 0;
      while (sigwait(&signals_, &signal) != 0) {
      }
      if (!ending_) on_stop_();
    });
  }
  ~StopSignals() {
    ending_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

 private:
  const std::function<void()> on_stop_;
  sigset_t signals_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

// A pause that a stop cuts short, once.
class Pause {
 public:
  void end() {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [this] { return ended_; });
    ended_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

// Until it is time to come again, or too late for what is held. False: it is too late.
bool wait_to_reconnect(const Session& session, Backoff& backoff, Pause& pause) {
  using Clock = Session::Clock;
  auto time = backoff.next_with_jitter();
  const auto until = session.keeps_until();
  if (until) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now());
    time = std::clamp(left, std::chrono::milliseconds(0), time);
  }
  pause.wait_for(time);
  return !until || Clock::now() < *until;
}

int serve_sessions(const WorkerSettings& settings, Session& session, TaskRunner& runner,
                   Pause& pause) {
  Backoff backoff(kReconnectFirst, kReconnectLongest);
  for (;;) {
    const SessionEnd end = session.run(settings.server_url, settings.token, runner);
    if (end == SessionEnd::kDrained) return kExitDrained;
    if (end == SessionEnd::kRefused) return kExitRefused;
    if (settings.supervised_by != 0) return kExitUnavailable;
    if (end == SessionEnd::kLost) backoff.reset();
    const bool holds = session.keeps_until().has_value();
    if (session.draining() && !holds) {
      return end == SessionEnd::kLost ? kExitUnavailable : kExitDrained;
    }
    if (wait_to_reconnect(session, backoff, pause)) continue;
    session.abandon(runner);
    if (session.draining()) return kExitUnavailable;  // what it had was not finished
  }
}

PluginDirectory look_for_plugins(const WorkerSettings& settings, const HostSettings& hosts) {
  HostWatch watch;
  auto directory = find_plugins(settings.plugins, [&](const std::filesystem::path& file) {
    return describe_plugin(hosts, file, watch);
  });
  directory.keep_within(hosts.memory_bytes);
  for (const PluginRefusal& refusal : directory.refusals) {
    spdlog::error("{} is not loaded: {}", refusal.path.string(), refusal.reason);
  }
  return directory;
}

// Nothing: it is wrong, and the log says where.
std::optional<ProviderAccess> read_access(const WorkerSettings& settings) {
  ProviderAccess access;
  auto credentials = read_credentials(settings.credentials);
  for (const std::string& text : settings.allowed_endpoints) {
    if (const auto endpoint = egress::parse_endpoint(text)) {
      access.allowed.insert(*endpoint);
    } else {
      credentials.problems.push_back("Expected ADDRESS:PORT to allow, got '" + text + "'");
    }
  }
  for (const std::string& problem : credentials.problems) spdlog::critical("{}", problem);
  if (!credentials.problems.empty()) return std::nullopt;
  access.credentials = std::move(credentials.all);
  return access;
}

}  // namespace

int run_worker(const WorkerSettings& settings) {
  if (!settle(settings)) return kExitUnavailable;
  const HostSettings hosts{std::filesystem::canonical(settings.host_program),
                           settings.plugin_memory_bytes, settings.plugin_variables};
  auto access = read_access(settings);
  if (!access) return kExitConfiguration;
  const PluginDirectory directory = look_for_plugins(settings, hosts);
  if (directory.plugins.empty()) {
    spdlog::critical("there is no usable plugin in {}", settings.plugins.string());
    return kExitConfiguration;
  }
  protocol::Register introduction;
  introduction.name = settings.name;
  introduction.pid = getpid();
  introduction.slots = settings.slots;
  introduction.task_types = directory.offers();

  Session session(std::move(introduction));
  Pause pause;
  const StopSignals signals([&] {
    spdlog::info("draining: no more tasks are taken");
    session.drain();
    pause.end();
  });
  const auto uploader = make_http_uploader(settings.server_url, settings.token);
  PluginHosts executor(hosts, directory.plugins, settings.slots + kLookLanes, std::move(*access),
                       make_http_resource_source(settings.server_url, settings.token));
  TaskRunner runner(settings.slots, executor, session, *uploader);
  const int code = serve_sessions(settings, session, runner, pause);
  session.abandon(runner);
  return code;
}

}  // namespace runledger::core::worker
