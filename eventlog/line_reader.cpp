#include "eventlog/line_reader.h"

#include <algorithm>
#include <cstring>

#include "eventlog/event_log.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;

}  // namespace

std::optional<std::string_view> LineReader::next() {
  ++number_;
  std::size_t searched = 0;
  for (;;) {
    const std::string_view unread = std::string_view(buffer_).substr(begin_, end_ - begin_);
    const std::size_t feed = unread.find('\n', searched);
    if (std::min(feed, unread.size()) > line_bytes_max_) {
      throw LogError("it is longer than " + std::to_string(line_bytes_max_) + " bytes");
    }
    if (feed != std::string_view::npos) {
      begin_ += feed + 1;
      return unread.substr(0, feed);
    }
    searched = unread.size();
    if (fill()) continue;
    if (unread.empty()) return std::nullopt;
    throw LogError("it has no end: the file was cut");
  }
}

// Makes room by moving what is unread to the front; the buffer grows only for a line that needs it.
bool LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kReadBytes) buffer_.resize(std::max(2 * end_, end_ + kReadBytes));
  const std::size_t got = source_.read({buffer_.data() + end_, buffer_.size() - end_});
  end_ += got;
  return got > 0;
}

}  // namespace runledger::eventlog
