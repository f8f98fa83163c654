#include "core/worker/plugin_host.h"

#include <poll.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "core/worker/confinement.h"
#include "core/worker/crash_trace.h"
#include "core/worker/execute.h"
#include "core/worker/host_calls.h"
#include "core/worker/host_exit.h"
#include "core/worker/host_messages.h"
#include "core/worker/host_task_link.h"
#include "core/worker/limits.h"
#include "core/worker/plugin.h"

namespace runledger::core::worker {
namespace {

struct Arguments {
  bool describe = false;
  std::string file;
  Confinement confinement;
};

std::optional<Arguments> read(int count, char** arguments) {
  if (count != 7) return std::nullopt;
  Arguments given;
  given.describe = std::string_view(arguments[2]) == "describe";
  given.file = arguments[3];
  given.confinement.memory_bytes = std::strtoull(arguments[4], nullptr, 10);
  given.confinement.processes = std::string_view(arguments[5]) == "1";
  given.confinement.worker = static_cast<pid_t>(std::strtol(arguments[6], nullptr, 10));
  return given;
}

// Out of the way of a plugin that closes or takes the low numbers.
int moved_up(int descriptor, int to) {
  const int moved = ::fcntl(descriptor, F_DUPFD_CLOEXEC, to);
  ::close(descriptor);
  return moved;
}

class Host {
 public:
  explicit Host(FrameSocket& worker) : worker_(worker) {}

  [[noreturn]] void run(const runledger_plugin& plugin) {
    std::thread([this] { listen(); }).detach();
    // Said with all its own threads there: the worker counts them, to notice those of a task.
    if (!worker_.send(number_of(HostFrame::kReady), 0, {})) ::_exit(kHostExitCutOff);
    for (;;) {
      const protocol::LeasedTask task = next_task();
      HostCalls calls(task, link_, link_);
      link_.finish(execute(plugin, calls));
    }
  }

 private:
  // Settling is this thread's: by then all that the task before had to say is on its way.
  protocol::LeasedTask next_task() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return task_.has_value() || settle_.has_value(); });
      if (!settle_) break;
      const bool sent = worker_.send(number_of(HostFrame::kSettled), *settle_, {});
      if (!sent) ::_exit(kHostExitCutOff);
      settle_.reset();
    }
    auto task = std::move(*task_);
    task_.reset();
    return task;
  }

  [[noreturn]] void listen() {
    for (;;) {
      pollfd news{worker_.number(), POLLIN, 0};
      ::poll(&news, 1, -1);
      if ((news.revents & POLLNVAL) != 0) ::_exit(kHostExitCutOff);
      const SocketState state = worker_.fill();
      while (const auto frame = worker_.next()) hear(*frame);
      if (state != SocketState::kOpen) ::_exit(0);  // the worker has gone, or wants this one gone
    }
  }

  void hear(const Frame& frame) {
    switch (static_cast<HostFrame>(frame.kind)) {
      case HostFrame::kTask: {
        auto task = decode_task(frame.payload);
        if (!task) ::_exit(kHostExitMisused);
        link_.begin();
        const std::scoped_lock lock(mutex_);
        task_ = std::move(task);
        arrived_.notify_one();
        return;
      }
      case HostFrame::kSettle: {
        const std::scoped_lock lock(mutex_);
        settle_ = frame.number;
        arrived_.notify_one();
        return;
      }
      case HostFrame::kStop:
        return link_.stop();
      case HostFrame::kGone:
        return link_.gone();
      case HostFrame::kAnswer:
        return link_.answer(frame.number, frame.payload);
      case HostFrame::kOpened:
        return link_.answer(frame.number, frame.payload, worker_.take_file());
      default:
        ::_exit(kHostExitMisused);
    }
  }

  FrameSocket& worker_;
  HostTaskLink link_{worker_};
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<protocol::LeasedTask> task_;
  std::optional<std::uint64_t> settle_;
};

}  // namespace

int run_plugin_host(int count, char** arguments) {
  const auto given = read(count, arguments);
  if (!given) return kHostExitMisused;
  constexpr int kHigh = static_cast<int>(kHostOpenFilesMax) - 16;
  FrameSocket worker(FileDescriptor(moved_up(kHostSocketNumber, kHigh)));
  const int trace = moved_up(kHostTraceNumber, kHigh);
  if (worker.number() < 0 || trace < 0) return kHostExitMisused;
  if (const auto problem = confine(given->confinement); !problem.empty()) {
    std::fprintf(stderr, "the process cannot be confined: %s\n", problem.c_str());
    return kHostExitConfined;
  }
  trace_crashes(trace);
  const auto loaded = load_plugin(given->file);
  note_modules();
  if (const auto* refusal = std::get_if<PluginRefusal>(&loaded)) {
    worker.send(number_of(HostFrame::kRefusal), 0, refusal->reason);
    ::_exit(0);
  }
  const Plugin& plugin = std::get<Plugin>(loaded);
  if (given->describe) {
    const runledger_text manifest = plugin.descriptor->manifest;
    worker.send(number_of(HostFrame::kManifest), 0, {manifest.data, manifest.size});
    ::_exit(0);
  }
  Host(worker).run(*plugin.descriptor);
}

}  // namespace runledger::core::worker
