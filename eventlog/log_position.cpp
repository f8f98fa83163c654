#include "eventlog/log_position.h"

#include "eventlog/bytes.h"

namespace runledger::eventlog {
namespace {

// Persisted: never change, never reuse a number.
constexpr std::uint8_t kPositionFormat = 1;
constexpr std::size_t kPositionBytes = 17;

}  // namespace

std::string encode_position(const LogPosition& position) {
  std::string bytes;
  put_le<std::uint8_t>(bytes, kPositionFormat);
  put_le<std::uint64_t>(bytes, position.head);
  put_le<std::uint64_t>(bytes, position.rows_offset);
  return bytes;
}

std::optional<LogPosition> decode_position(std::string_view bytes) {
  if (bytes.size() != kPositionBytes) return std::nullopt;
  if (get_le<std::uint8_t>(bytes, 0) != kPositionFormat) return std::nullopt;
  const LogPosition position{.head = get_le<std::uint64_t>(bytes, 1),
                             .rows_offset = get_le<std::uint64_t>(bytes, 9)};
  if (position.rows_offset > position.head) return std::nullopt;
  return position;
}

}  // namespace runledger::eventlog
