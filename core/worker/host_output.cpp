#include "core/worker/host_output.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>

#include "core/worker/limits.h"

namespace runledger::core::worker {
namespace {

constexpr std::size_t kSpliceBytes = 1024 * 1024;
constexpr std::chrono::milliseconds kPatience{200};  // a process may have left children behind

}  // namespace

void HostOutput::drain_out(int null) {
  const auto moved =
      ::splice(out_.get(), nullptr, null, nullptr, kSpliceBytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (moved < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (moved <= 0) return out_.reset();
  const std::scoped_lock lock(mutex_);
  out_bytes_ += static_cast<std::uint64_t>(moved);
}

void HostOutput::drain_err() {
  std::array<char, 16 * 1024> buffer;  // NOLINT: filled by read
  const auto got = ::read(err_.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const std::scoped_lock lock(mutex_);
  if (got > 0) return take(buffer.data(), static_cast<std::size_t>(got));
  if (!line_.empty()) end_line();
  err_.reset();
  err_ended_ = true;
  ended_.notify_all();
}

void HostOutput::take(const char* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] == '\n') {
      end_line();
    } else if (line_.size() < kHostLogLineBytesMax) {
      line_ += static_cast<unsigned char>(bytes[i]) < 0x20 ? '?' : bytes[i];
    }
  }
}

void HostOutput::end_line() {
  log(line_);
  last_lines_.push_back(std::exchange(line_, {}));
  if (last_lines_.size() > kHostLastLines) last_lines_.pop_front();
}

void HostOutput::log(const std::string& line) {
  const auto now = Clock::now();
  if (now - second_began_ >= std::chrono::seconds(1)) {
    if (lines_left_out_ > 0) spdlog::warn("{}: {} lines left out", name_, lines_left_out_);
    second_began_ = now;
    lines_this_second_ = 0;
    lines_left_out_ = 0;
  }
  if (++lines_this_second_ > kHostLogLinesPerSecond) {
    ++lines_left_out_;
  } else {
    spdlog::info("{}: {}", name_, line);
  }
}

std::vector<std::string> HostOutput::last_lines() {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, kPatience, [this] { return err_ended_; });
  return {last_lines_.begin(), last_lines_.end()};
}

std::uint64_t HostOutput::out_bytes() const {
  const std::scoped_lock lock(mutex_);
  return out_bytes_;
}

}  // namespace runledger::core::worker
