// Length-prefixed frames over a stream socket between a worker and a plugin's process, each with at
// most one file descriptor.
//
//   length   u32  of the payload
//   kind     u32
//   number   u64  what it means depends on the kind
//   payload  length bytes
//
// Numbers are in the machine's order: both ends are the same program. Neither believes the other: a
// frame that is too long, or of a kind that the reader does not know, ends the conversation.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/file_descriptor.h"

namespace runledger::core::worker {

inline constexpr std::size_t kFramePayloadBytesMax = 16 * 1024 * 1024;
inline constexpr std::size_t kFrameFilesMax = 4;  // that came before the frames they belong to

struct Frame {
  std::uint32_t kind = 0;
  std::uint64_t number = 0;
  std::string payload;
};

enum class SocketState {
  kOpen,
  kClosed,  // the other end has gone
  kBroken,  // it does not keep to the form
};

class FrameSocket {
 public:
  using Clock = std::chrono::steady_clock;

  explicit FrameSocket(FileDescriptor socket) : socket_(std::move(socket)) {}
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  // Any thread. Waits for room, at most until `until`. False: it did not go out, and nothing more
  // will.
  bool send(std::uint32_t kind, std::uint64_t number, std::string_view payload, int file = -1,
            std::optional<Clock::time_point> until = {});
  // Any thread, without waiting, not even for another sender: for the few frames without a payload.
  bool try_send(std::uint32_t kind);

  // One reader. Takes in what has come; does not wait.
  SocketState fill();
  // The next whole frame of what was taken in.
  std::optional<Frame> next();
  // A descriptor that came along, in order; none: there was none.
  FileDescriptor take_file();

  // Nothing was taken in that has not been given out.
  bool is_drained() const { return consumed_ == received_.size() && files_.empty(); }

  int number() const { return socket_.get(); }

 private:
  bool send_all(std::string_view bytes, int file, std::optional<Clock::time_point> until);

  FileDescriptor socket_;
  std::mutex send_mutex_;
  bool cut_ = false;  // part of a frame went out and the rest did not
  std::string received_;
  std::size_t consumed_ = 0;
  bool broken_ = false;
  std::deque<FileDescriptor> files_;
};

}  // namespace runledger::core::worker
