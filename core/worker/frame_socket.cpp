#include "core/worker/frame_socket.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace runledger::core::worker {
namespace {

struct Header {
  std::uint32_t length = 0;
  std::uint32_t kind = 0;
  std::uint64_t number = 0;
};
static_assert(sizeof(Header) == 16);

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kCompactAfterBytes = 1024 * 1024;

std::string frame_of(std::uint32_t kind, std::uint64_t number, std::string_view payload) {
  const Header header{static_cast<std::uint32_t>(payload.size()), kind, number};
  std::string bytes(sizeof header + payload.size(), '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  std::copy(payload.begin(), payload.end(), bytes.begin() + sizeof header);
  return bytes;
}

struct FileMessage {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFrameFilesMax)> control{};
  iovec part{};
  msghdr message{};

  FileMessage(void* bytes, std::size_t size) {
    part = {bytes, size};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
  }
  void attach(int file) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int));
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &file, sizeof file);
  }
};

bool wait_for_room(int socket, std::optional<FrameSocket::Clock::time_point> until) {
  int timeout = -1;
  if (until) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*until - FrameSocket::Clock::now()).count();
    if (left <= 0) return false;
    timeout = static_cast<int>(std::min<std::int64_t>(left, 60'000));
  }
  pollfd room{socket, POLLOUT, 0};
  ::poll(&room, 1, timeout);
  return true;
}

}  // namespace

bool FrameSocket::send_all(std::string_view bytes, int file,
                           std::optional<Clock::time_point> until) {
  while (!bytes.empty()) {
    FileMessage out(const_cast<char*>(bytes.data()), bytes.size());
    if (file >= 0) out.attach(file);
    const auto sent = ::sendmsg(socket_.get(), &out.message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      file = -1;
    } else if (errno == EAGAIN) {
      if (!wait_for_room(socket_.get(), until)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool FrameSocket::send(std::uint32_t kind, std::uint64_t number, std::string_view payload, int file,
                       std::optional<Clock::time_point> until) {
  if (payload.size() > kFramePayloadBytesMax) return false;
  const std::string bytes = frame_of(kind, number, payload);
  const std::scoped_lock lock(send_mutex_);
  if (cut_) return false;
  cut_ = !send_all(bytes, file, until);
  return !cut_;
}

bool FrameSocket::try_send(std::uint32_t kind) {
  const std::string bytes = frame_of(kind, 0, {});
  const std::unique_lock lock(send_mutex_, std::try_to_lock);
  if (!lock || cut_) return false;
  const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return false;
  cut_ = static_cast<std::size_t>(sent) != bytes.size();
  return !cut_;
}

SocketState FrameSocket::fill() {
  std::array<char, kReadBytes> buffer;  // NOLINT: filled by recvmsg
  while (!broken_) {
    FileMessage in(buffer.data(), buffer.size());
    in.message.msg_control = in.control.data();
    in.message.msg_controllen = in.control.size();
    const auto got = ::recvmsg(socket_.get(), &in.message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN ? SocketState::kOpen : SocketState::kClosed;
    for (cmsghdr* head = CMSG_FIRSTHDR(&in.message); head != nullptr;
         head = CMSG_NXTHDR(&in.message, head)) {
      if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
      const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int file = -1;
        std::memcpy(&file, CMSG_DATA(head) + i * sizeof(int), sizeof file);
        files_.emplace_back(file);
      }
    }
    broken_ = broken_ || files_.size() > kFrameFilesMax;
    if (got == 0) return SocketState::kClosed;
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    // A frame at a time: the rest waits in the socket, and the sender with it.
    if (received_.size() - consumed_ >= sizeof(Header)) return SocketState::kOpen;
  }
  return SocketState::kBroken;
}

std::optional<Frame> FrameSocket::next() {
  Header header;
  if (broken_ || received_.size() - consumed_ < sizeof header) return std::nullopt;
  std::memcpy(&header, received_.data() + consumed_, sizeof header);
  if (header.length > kFramePayloadBytesMax) {
    broken_ = true;
    return std::nullopt;
  }
  if (received_.size() - consumed_ - sizeof header < header.length) return std::nullopt;
  Frame frame{header.kind, header.number,
              received_.substr(consumed_ + sizeof header, header.length)};
  consumed_ += sizeof header + header.length;
  if (consumed_ == received_.size() || consumed_ > kCompactAfterBytes) {
    received_.erase(0, consumed_);
    consumed_ = 0;
  }
  return frame;
}

FileDescriptor FrameSocket::take_file() {
  if (files_.empty()) return {};
  FileDescriptor file = std::move(files_.front());
  files_.pop_front();
  return file;
}

}  // namespace runledger::core::worker
