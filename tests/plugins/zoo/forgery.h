// What a plugin can do that knows how its process and the worker speak: frames of its own.
#pragma once

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace zoo {

// The connection to the worker.
inline int worker_socket() {
  for (int descriptor = 511; descriptor > 2; --descriptor) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX) {
      return descriptor;
    }
  }
  return -1;
}

inline std::string report(const std::string& body) {
  return R"({"type":"report","reports":[{"run_id":"","task_id":"","lease_id":"","seq":0,)"
         R"("number":0,)" +
         body + "}]}";
}

// Sends one frame, with a file if there is one.
inline bool send_frame(std::uint32_t kind, const std::string& payload, int file = -1) {
  std::string bytes(16, '\0');
  const auto length = static_cast<std::uint32_t>(payload.size());
  std::memcpy(bytes.data(), &length, sizeof length);
  std::memcpy(bytes.data() + 4, &kind, sizeof kind);
  bytes += payload;
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (file >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &file, sizeof file);
  }
  return sendmsg(worker_socket(), &message, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

}  // namespace zoo
