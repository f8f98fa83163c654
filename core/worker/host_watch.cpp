#include "core/worker/host_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

// Field 5 of /proc/PID/stat; the name before it may hold anything.
pid_t group_of(const char* pid) {
  std::array<char, 300> path{};
  std::snprintf(path.data(), path.size(), "/proc/%s/stat", pid);
  const FileDescriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return 0;
  std::array<char, 512> text{};
  if (::read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  const char* after_name = std::strrchr(text.data(), ')');
  char state = 0;
  int parent = 0;
  int group = 0;
  if (after_name == nullptr ||
      std::sscanf(after_name + 1, " %c %d %d", &state, &parent, &group) != 3) {
    return 0;
  }
  return group;
}

}  // namespace

std::size_t processes_of(pid_t group) {
  std::size_t count = 0;
  DIR* all = ::opendir("/proc");
  if (all == nullptr) return 0;
  while (const dirent* entry = ::readdir(all)) {
    const bool is_pid = entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    if (is_pid && group_of(entry->d_name) == group) ++count;
  }
  ::closedir(all);
  return count;
}

HostWatch::HostWatch()
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      null_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {
  if (!wake_ || !null_) throw std::system_error(errno, std::generic_category(), "HostWatch");
  thread_ = std::thread([this] { run(); });
}

HostWatch::~HostWatch() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void HostWatch::add(WatchedHost host) {
  {
    const std::scoped_lock lock(mutex_);
    hosts_.push_back(std::move(host));
  }
  ::eventfd_write(wake_.get(), 1);
}

void HostWatch::forget_group(pid_t group) {
  const std::scoped_lock lock(mutex_);
  for (WatchedHost& host : hosts_) {
    if (host.group == group) host.group = 0;
  }
}

void HostWatch::run() {
  using Clock = std::chrono::steady_clock;
  auto count_at = Clock::time_point::min();
  for (;;) {
    std::vector<WatchedHost> now;
    bool counts = false;
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return;
      std::erase_if(hosts_, [](const WatchedHost& host) {
        return host.output->out() < 0 && host.output->err() < 0 && host.group == 0;
      });
      now = hosts_;
      for (const WatchedHost& host : hosts_) counts = counts || host.group != 0;
    }
    drain(now, counts ? static_cast<int>(kHostProcessesInterval.count()) : -1);
    if (!counts || Clock::now() < count_at) continue;
    count_processes();
    count_at = Clock::now() + kHostProcessesInterval;
  }
}

void HostWatch::drain(const std::vector<WatchedHost>& hosts, int timeout_ms) {
  std::vector<pollfd> watched = {{wake_.get(), POLLIN, 0}};
  for (const WatchedHost& host : hosts) {
    watched.push_back({host.output->out(), POLLIN, 0});
    watched.push_back({host.output->err(), POLLIN, 0});
  }
  if (::poll(watched.data(), watched.size(), timeout_ms) <= 0) return;
  if (watched[0].revents != 0) {
    eventfd_t drained = 0;
    ::eventfd_read(wake_.get(), &drained);
  }
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (watched[2 * i + 1].revents != 0) hosts[i].output->drain_out(null_.get());
    if (watched[2 * i + 2].revents != 0) hosts[i].output->drain_err();
  }
}

// Under the lock, so that no group is judged after it was forgotten: its number may be another's.
void HostWatch::count_processes() {
  const std::scoped_lock lock(mutex_);
  for (const WatchedHost& host : hosts_) {
    if (host.group != 0 && processes_of(host.group) > kHostProcessesMax) host.on_too_many();
  }
}

}  // namespace runledger::core::worker
