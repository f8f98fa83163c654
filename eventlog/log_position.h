// The one row of the column family meta: how far the log and its rows are. It is written with every
// commit, so that it can be compared with what the log holds. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventlog/record.h"

namespace runledger::eventlog {

// Persisted: never change.
inline constexpr std::string_view kLogPositionKey = "position";

struct LogPosition {
  Offset head = 0;         // the offset that the next event will get
  Offset rows_offset = 0;  // the head that the rows stand for; at most head
};

std::string encode_position(const LogPosition& position);
std::optional<LogPosition> decode_position(std::string_view bytes);

}  // namespace runledger::eventlog
