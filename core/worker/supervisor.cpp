#include "core/worker/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "core/worker/backoff.h"

extern char** environ;

namespace runledger::core::worker {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kRestartFirst{100};
constexpr milliseconds kRestartLongest{5000};
constexpr milliseconds kHealthyAfter{30'000};

struct Child {
  std::string name;
  Backoff backoff{kRestartFirst, kRestartLongest};
  pid_t pid = -1;
  int pidfd = -1;
  Clock::time_point started;
  Clock::time_point start_at;  // while it does not run
};

// Ours without what a worker must not have: the server's own settings and tokens. `named` is what
// the operator has for plugins.
std::vector<std::string> child_environment(const std::string& token,
                                           const std::vector<std::string>& named) {
  std::vector<std::string> environment;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable(*each);
    const std::string_view name = variable.substr(0, variable.find('='));
    const bool is_named = std::find(named.begin(), named.end(), name) != named.end();
    if (name == "RUNLEDGER_TOKEN") continue;
    if (is_named || !name.starts_with("RUNLEDGER_")) environment.emplace_back(variable);
  }
  environment.push_back("RUNLEDGER_TOKEN=" + token);
  return environment;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// What the child begins with: stdin, stdout and stderr alone (a socket that it kept would stay open
// after the server has closed it), and signals as they are by default.
class CleanStart {
 public:
  CleanStart() {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~CleanStart() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  CleanStart(const CleanStart&) = delete;
  CleanStart& operator=(const CleanStart&) = delete;
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

// The pidfd in `child`, or the error number.
int start_process(Child& child, std::vector<std::string> arguments,
                  std::vector<std::string> environment) {
  const CleanStart clean;
  const int failed =
      posix_spawn(&child.pid, arguments[0].c_str(), clean.files(), clean.attributes(),
                  pointers(arguments).data(), pointers(environment).data());
  if (failed != 0) return failed;
  child.pidfd = static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0));
  if (child.pidfd >= 0) return 0;
  const int error = errno;  // no descriptor left: a child that cannot be watched must not run
  ::kill(child.pid, SIGKILL);
  ::waitpid(child.pid, nullptr, 0);
  return error;
}

}  // namespace

struct Supervisor::Impl {
  Impl(SupervisorSettings chosen, std::function<void(const WorkerExit&)> told)
      : settings(std::move(chosen)), on_exit(std::move(told)), wake(eventfd(0, EFD_CLOEXEC)) {
    if (wake < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    for (std::size_t i = 1; i <= settings.workers; ++i) {
      children.push_back({});
      children.back().name = "local-" + std::to_string(i);
    }
  }
  ~Impl() { ::close(wake); }

  void run() {
    while (!stopping) {
      const auto now = Clock::now();
      for (Child& child : children) {
        if (child.pid < 0 && child.start_at <= now) spawn(child);
      }
      wait_for_news(next_start());
      reap();
    }
    end_all();
  }

  void spawn(Child& child) {
    std::vector<std::string> arguments = {settings.executable.string(),
                                          "worker",
                                          "--server",
                                          settings.server_url,
                                          "--name",
                                          child.name,
                                          "--plugins",
                                          settings.plugins.string(),
                                          "--slots",
                                          std::to_string(settings.slots_per_worker),
                                          "--plugin-memory",
                                          std::to_string(settings.plugin_memory_bytes),
                                          "--supervised-by",
                                          std::to_string(getpid())};
    const auto repeat = [&](const char* flag, const std::vector<std::string>& values) {
      for (const std::string& value : values) arguments.insert(arguments.end(), {flag, value});
    };
    repeat("--plugin-env", settings.plugin_variables);
    repeat("--credential", settings.credentials);
    repeat("--allow-endpoint", settings.allowed_endpoints);
    child.started = Clock::now();
    const int failed = start_process(child, std::move(arguments),
                                     child_environment(settings.token, settings.plugin_variables));
    if (failed == 0) return;
    child.pid = -1;
    child.start_at = child.started + child.backoff.next();
    spdlog::error("worker {} cannot be started: {}", child.name, std::strerror(failed));
  }

  std::optional<Clock::time_point> next_start() const {
    std::optional<Clock::time_point> next;
    for (const Child& child : children) {
      if (child.pid < 0) next = next ? std::min(*next, child.start_at) : child.start_at;
    }
    return next;
  }

  // Until a child ends, stop() is called, or the time has come.
  void wait_for_news(std::optional<Clock::time_point> until) const {
    std::vector<pollfd> watched = {{wake, POLLIN, 0}};
    for (const Child& child : children) {
      if (child.pid >= 0) watched.push_back({child.pidfd, POLLIN, 0});
    }
    int timeout = -1;
    if (until) {
      const auto left = std::chrono::ceil<milliseconds>(*until - Clock::now()).count();
      timeout = static_cast<int>(std::max<std::int64_t>(left, 0));
    }
    ::poll(watched.data(), watched.size(), timeout);
  }

  void reap() {
    for (Child& child : children) {
      int status = 0;
      if (child.pid < 0 || waitpid(child.pid, &status, WNOHANG) != child.pid) continue;
      const WorkerExit exit{child.name, child.pid, status};
      ::close(child.pidfd);
      child.pid = child.pidfd = -1;
      if (stopping) continue;
      const auto now = Clock::now();
      if (now - child.started > kHealthyAfter) child.backoff.reset();
      child.start_at = now + child.backoff.next();
      on_exit(exit);
    }
  }

  bool any_runs() const {
    return std::any_of(children.begin(), children.end(),
                       [](const Child& child) { return child.pid >= 0; });
  }

  void signal_all(int signal) const {
    for (const Child& child : children) {
      if (child.pid >= 0) ::kill(child.pid, signal);
    }
  }

  void end_all() {
    std::uint64_t drained = 0;
    [[maybe_unused]] const auto got = ::read(wake, &drained, sizeof drained);
    signal_all(SIGTERM);
    const auto until = Clock::now() + settings.stop_grace;
    while (any_runs() && Clock::now() < until) {
      wait_for_news(until);
      reap();
    }
    signal_all(SIGKILL);
    while (any_runs()) {
      wait_for_news(std::nullopt);
      reap();
    }
  }

  const SupervisorSettings settings;
  const std::function<void(const WorkerExit&)> on_exit;
  const int wake;
  std::atomic<bool> stopping = false;
  std::vector<Child> children;  // the thread's own
  std::thread thread;
};

Supervisor::Supervisor(SupervisorSettings settings, std::function<void(const WorkerExit&)> on_exit)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(on_exit))) {}

Supervisor::~Supervisor() {
  stop();
}

void Supervisor::start() {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

void Supervisor::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopping = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(impl_->wake, &one, sizeof one);
  impl_->thread.join();
}

}  // namespace runledger::core::worker
