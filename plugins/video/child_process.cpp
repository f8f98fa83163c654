#include "plugins/video/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <runledger/plugin.hpp>

extern char** environ;

namespace runledger::plugins::video {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Failure("no_pipe", std::string("There is no pipe: ") + std::strerror(errno), true);
    }
    read = ends[0];
    write = ends[1];
  }
};

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// With the pipes as its three files, and signals as they are by default.
int spawn(pid_t& pid, std::vector<std::string>& arguments, const std::array<int, 3>& files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < 3; ++i) posix_spawn_file_actions_adddup2(&actions, files[i], i);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const int error =
      posix_spawnp(&pid, pointers[0], &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, Output output)
    : output_(std::move(output)) {
  ::signal(SIGPIPE, SIG_IGN);  // a program that ends early is told by write()
  Pipe in;
  Pipe out;
  Pipe err;
  const int error = spawn(pid_, arguments, {in.read, out.write, err.write});
  ::close(in.read);
  ::close(out.write);
  ::close(err.write);
  in_ = in.write;
  out_ = out.read;
  err_ = err.read;
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
  if (error == 0) return;
  close_if_open(in_);
  close_if_open(out_);
  close_if_open(err_);
  throw Failure("no_program",
                arguments[0] + " cannot be started: " + std::strerror(error) +
                    "; install the package ffmpeg where the worker runs",
                false);
}

ChildProcess::~ChildProcess() {
  close_if_open(in_);
  close_if_open(out_);
  close_if_open(err_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

bool ChildProcess::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(in_, bytes.data(), bytes.size());
    if (put > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    } else if (put < 0 && errno == EAGAIN) {
      listen(true);
    } else if (put >= 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool ChildProcess::finish() {
  close_if_open(in_);
  while (out_ >= 0 || err_ >= 0) listen(false);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Waits until there is something to do, and does it.
void ChildProcess::listen(bool also_for_room) {
  std::array<pollfd, 3> watched{{{out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}}};
  if (::poll(watched.data(), also_for_room ? 3 : 2, -1) < 0) return;
  if (watched[0].revents != 0) take(out_, output_);
  if (watched[1].revents != 0) {
    take(err_, [this](std::span<const std::byte> bytes) { keep_error(bytes); });
  }
}

void ChildProcess::take(int& descriptor, const Output& output) {
  std::array<std::byte, 64 * 1024> buffer;
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got > 0) {
    output(std::span(buffer).first(static_cast<std::size_t>(got)));
  } else if (got == 0 || errno != EINTR) {
    close_if_open(descriptor);
  }
}

void ChildProcess::keep_error(std::span<const std::byte> bytes) {
  error_text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (error_text_.size() > kErrorTextBytesMax) {
    error_text_.erase(0, error_text_.size() - kErrorTextBytesMax);
  }
}

}  // namespace runledger::plugins::video
