#include "eventlog/commit_row.h"

#include "eventlog/bytes.h"

namespace runledger::eventlog {
namespace {

// Persisted: never change, never reuse a number.
constexpr std::uint8_t kCommitFormat = 1;
constexpr std::size_t kEventsAt = 1;
constexpr std::size_t kHashAt = 5;

}  // namespace

std::string encode_commit_row(const CommitRow& row) {
  std::string bytes;
  put_le<std::uint8_t>(bytes, kCommitFormat);
  put_le<std::uint32_t>(bytes, row.events);
  bytes += bytes_of(row.hash);
  return bytes;
}

std::optional<CommitRow> decode_commit_row(std::string_view bytes) {
  CommitRow row;
  if (bytes.size() != kHashAt + row.hash.size()) return std::nullopt;
  if (get_le<std::uint8_t>(bytes, 0) != kCommitFormat) return std::nullopt;
  row.events = get_le<std::uint32_t>(bytes, kEventsAt);
  row.hash = *digest_from(bytes.substr(kHashAt));
  if (row.events == 0) return std::nullopt;
  return row;
}

}  // namespace runledger::eventlog
