// The keys of the log's column families: described in eventlog/README.md. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventlog/record.h"

namespace runledger::eventlog {

// Log: offset -> record, ordered by offset.
std::string log_key(Offset offset);
std::optional<Offset> parse_log_key(std::string_view key);

struct StreamKey {
  std::string_view stream;  // points into the key
  StreamIndex idx = 0;
};

// Stream index: (stream, idx) -> offset, ordered by the stream's bytes, then by idx.
// The stream's name contains no NUL.
std::string stream_key(std::string_view stream, StreamIndex idx);
std::optional<StreamKey> parse_stream_key(std::string_view key);
std::string stream_value(Offset offset);
std::optional<Offset> parse_stream_value(std::string_view value);

// The first key after all those that start with prefix; nullopt if there is none (all bytes 0xff).
std::optional<std::string> prefix_end(std::string_view prefix);

}  // namespace runledger::eventlog
