#include "api/rest/transport/pair_ends.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace runledger::api {
namespace {

// Pistache spins while a pair's buffer is full, so it gets a roomy one. The kernel may give less.
constexpr int kBufferBytes = 1024 * 1024;

}  // namespace

PairEnds::~PairEnds() {
  for (int fd : free_) ::close(fd);
  for (int fd : retired_) ::close(fd);
  for (int fd : application_ends_) ::close(fd);
}

int PairEnds::open() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot open a socket pair");
  }
  for (int fd : fds) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  std::scoped_lock lock(mutex_);
  free_.push_back(fds[0]);
  application_ends_.insert(fds[1]);
  return fds[1];
}

int PairEnds::take() {
  std::scoped_lock lock(mutex_);
  if (free_.empty()) return -1;
  int fd = free_.back();
  free_.pop_back();
  return fd;
}

void PairEnds::give_back(int fd) {
  std::scoped_lock lock(mutex_);
  free_.push_back(fd);
}

void PairEnds::retire(int fd) {
  std::scoped_lock lock(mutex_);
  retired_.push_back(fd);
}

void PairEnds::forget_application_end(int fd) {
  std::scoped_lock lock(mutex_);
  application_ends_.erase(fd);
}

void PairEnds::shut_down() {
  std::scoped_lock lock(mutex_);
  for (int fd : free_) ::shutdown(fd, SHUT_RDWR);
  for (int fd : retired_) ::shutdown(fd, SHUT_RDWR);
}

}  // namespace runledger::api
