#include "eventlog/keys.h"

#include "eventlog/bytes.h"

namespace runledger::eventlog {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kIdxTailBytes = 1 + kNumberBytes;  // NUL, idx

}  // namespace

std::string log_key(Offset offset) {
  std::string key;
  put_be<std::uint64_t>(key, offset);
  return key;
}

std::optional<Offset> parse_log_key(std::string_view key) {
  if (key.size() != kNumberBytes) return std::nullopt;
  return get_be<std::uint64_t>(key, 0);
}

std::string stream_key(std::string_view stream, StreamIndex idx) {
  std::string key;
  key.reserve(stream.size() + kIdxTailBytes);
  key.append(stream);
  key.push_back('\0');
  put_be<std::uint64_t>(key, idx);
  return key;
}

std::optional<StreamKey> parse_stream_key(std::string_view key) {
  if (key.size() <= kIdxTailBytes) return std::nullopt;
  const std::size_t name_bytes = key.size() - kIdxTailBytes;
  if (key.find('\0') != name_bytes) return std::nullopt;
  return StreamKey{key.substr(0, name_bytes), get_be<std::uint64_t>(key, name_bytes + 1)};
}

std::string stream_value(Offset offset) {
  std::string value;
  put_le<std::uint64_t>(value, offset);
  return value;
}

std::optional<Offset> parse_stream_value(std::string_view value) {
  if (value.size() != kNumberBytes) return std::nullopt;
  return get_le<std::uint64_t>(value, 0);
}

std::optional<std::string> prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace runledger::eventlog
