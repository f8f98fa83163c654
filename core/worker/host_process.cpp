#include "core/worker/host_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "core/worker/host_exit.h"
#include "core/worker/host_spawn.h"
#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

[[noreturn]] void refuse(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Pair {
  FileDescriptor ours;
  FileDescriptor theirs;
};

Pair socket_pair() {
  std::array<int, 2> both{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0) refuse("socketpair");
  return {FileDescriptor(both[0]), FileDescriptor(both[1])};
}

// Our end does not block. Theirs does, but for the one that a signal handler writes to.
Pair pipe_from(bool their_end_waits) {
  std::array<int, 2> both{};
  if (::pipe2(both.data(), O_CLOEXEC) != 0) refuse("pipe");
  Pair pipe{FileDescriptor(both[0]), FileDescriptor(both[1])};
  ::fcntl(both[0], F_SETFL, O_NONBLOCK);
  if (!their_end_waits) ::fcntl(both[1], F_SETFL, O_NONBLOCK);
  return pipe;
}

FileDescriptor opened_in_proc(pid_t pid, const char* what, int flags) {
  const std::string path = "/proc/" + std::to_string(pid) + what;
  return FileDescriptor(::open(path.c_str(), flags | O_CLOEXEC));
}

// The kernel counts a directory for each as a link.
std::uint32_t threads_in(const FileDescriptor& directory) {
  constexpr nlink_t kOwnLinks = 2;
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0 || status.st_nlink < kOwnLinks) return 0;
  return static_cast<std::uint32_t>(status.st_nlink - kOwnLinks);
}

// The second number of /proc/PID/statm, in pages.
std::uint64_t resident_bytes(const FileDescriptor& file) {
  std::array<char, 128> text{};
  unsigned long all = 0;
  unsigned long resident = 0;
  if (::pread(file.get(), text.data(), text.size() - 1, 0) <= 0) return 0;
  if (std::sscanf(text.data(), "%lu %lu", &all, &resident) != 2) return 0;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

int timeout_until(std::optional<HostProcess::Clock::time_point> until) {
  if (!until) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*until - HostProcess::Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

HostProcess::HostProcess(const HostSettings& settings, const std::filesystem::path& plugin,
                         bool processes, HostPurpose purpose, HostWatch& watch)
    : plugin_(plugin), memory_bytes_(settings.memory_bytes), watch_(watch), processes_(processes) {
  start(settings, processes, purpose, watch);
}

void HostProcess::start(const HostSettings& settings, bool processes, HostPurpose purpose,
                        HostWatch& watch) {
  Pair talk = socket_pair();
  Pair out = pipe_from(true);
  Pair err = pipe_from(true);
  Pair trace = pipe_from(false);
  const HostArguments arguments{purpose == HostPurpose::kDescribe ? "describe" : "run", plugin_,
                                settings.memory_bytes, processes};
  pid_ = spawn_host(settings, arguments,
                    {talk.theirs.get(), out.theirs.get(), err.theirs.get(), trace.theirs.get()});
  pidfd_ = FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    const int error = errno;  // a process that cannot be watched must not run
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "pidfd_open");
  }
  socket_ = std::make_unique<FrameSocket>(std::move(talk.ours));
  trace_ = std::move(trace.ours);
  const std::string name = plugin_.filename().string() + " (pid " + std::to_string(pid_) + ")";
  output_ = std::make_shared<HostOutput>(name, std::move(out.ours), std::move(err.ours));
  watch.add({output_, processes ? pid_ : 0, [this] {
               kill(KilledFor::kTooManyProcesses);
             }});
}

HostProcess::~HostProcess() {
  if (!reaped_) end();
}

std::optional<Frame> HostProcess::receive(std::optional<Clock::time_point> until) {
  for (;;) {
    if (auto frame = socket_->next()) return frame;
    std::array<pollfd, 2> news{{{socket_->number(), POLLIN, 0}, {pidfd_.get(), POLLIN, 0}}};
    const int ready = ::poll(news.data(), news.size(), timeout_until(until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return std::nullopt;
    const bool has_ended = news[1].revents != 0;
    const SocketState state = socket_->fill();
    if (auto frame = socket_->next()) return frame;
    if (state == SocketState::kBroken) kill(KilledFor::kBadFrames);
    if (state == SocketState::kOpen && !has_ended) continue;
    if (state == SocketState::kOpen && news[0].revents != 0) continue;  // there may be more
    // Its side is closed a moment before it has ended; if it goes on living, it has closed it.
    pollfd dead{pidfd_.get(), POLLIN, 0};
    constexpr int kMomentMs = 1000;
    if (::poll(&dead, 1, kMomentMs) == 0) kill(KilledFor::kConnectionClosed);
    return std::nullopt;
  }
}

void HostProcess::kill(KilledFor reason) {
  auto none = KilledFor::kNothing;
  killed_for_.compare_exchange_strong(none, reason);
  ::kill(-pid_, SIGKILL);
  // Should it not lead its group yet.
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

bool HostProcess::ended() const {
  pollfd dead{pidfd_.get(), POLLIN, 0};
  return ::poll(&dead, 1, 0) != 0;
}

HostEnd HostProcess::end() {
  HostEnd end;
  watch_.forget_group(pid_);
  const bool was_dead = ended();
  ::kill(-pid_, SIGKILL);  // its group outlives it while it is not reaped
  if (!was_dead) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  while (::waitpid(pid_, &end.status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  end.killed_for = killed_for_;
  end.trace.resize(kTraceBytesMax);
  const auto got = ::read(trace_.get(), end.trace.data(), end.trace.size());
  end.trace.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  if (tasks_run_ == 0 || was_dead) end.last_lines = output_->last_lines();
  return end;
}

void HostProcess::note_ready() {
  threads_ = opened_in_proc(pid_, "/task", O_RDONLY | O_DIRECTORY);
  resident_ = opened_in_proc(pid_, "/statm", O_RDONLY);
  threads_when_ready_ = threads_in(threads_);
}

bool HostProcess::worth_keeping() {
  ++tasks_run_;
  if (tasks_run_ >= kHostTasksMax) return false;
  // A thread or a process that a task has left behind could speak in the name of the next one.
  const std::uint32_t threads = threads_in(threads_);
  const bool alone = !processes_ || processes_of(pid_) <= 1;
  return threads > 0 && threads <= threads_when_ready_ && alone &&
         resident_bytes(resident_) <= kHostResidentBytesMax;
}

}  // namespace runledger::core::worker
