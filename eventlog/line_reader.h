// Lines of bytes that come from a stranger: a line longer than the limit is refused before it is
// held. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eventlog/byte_source.h"

namespace runledger::eventlog {

class LineReader {
 public:
  // The source outlives it.
  LineReader(ByteSource& source, std::size_t line_bytes_max)
      : source_(source), line_bytes_max_(line_bytes_max) {}

  // The next line without its line feed, good until the next call; nullopt at the end. Throws
  // LogError if the line is too long or does not end, and what the source throws.
  std::optional<std::string_view> next();
  // Of the line that next() gave, or that it was reading when it threw; from 1.
  std::uint64_t number() const { return number_; }

 private:
  bool fill();

  ByteSource& source_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;  // what has not been given yet is from there
  std::size_t end_ = 0;    // up to there
  std::uint64_t number_ = 0;
};

}  // namespace runledger::eventlog
