#include "eventlog/wal_check.h"

#include <array>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/bytes.h"
#include "eventlog/event_log.h"

namespace runledger::eventlog {
namespace {

namespace fs = std::filesystem;

// RocksDB's format of WAL and MANIFEST: blocks of 32 KiB, in them fragments of checksum (4 bytes),
// length (2), type (1), data; fewer than 7 bytes at a block's end are padding.
constexpr std::size_t kBlockBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 7;
constexpr std::uint8_t kFull = 1;
constexpr std::uint8_t kFirst = 2;
constexpr std::uint8_t kLast = 4;

constexpr std::array<std::uint32_t, 256> crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82f63b78u : 0u);
    table[i] = value;
  }
  return table;
}

// CRC-32C, masked as RocksDB stores it.
std::uint32_t masked_crc(std::string_view bytes) {
  static constexpr auto kTable = crc32c_table();
  std::uint32_t crc = ~0u;
  for (const char byte : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xff] ^ (crc >> 8);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

// The fragment at that place of a block: its bytes with the header, if they are there.
std::optional<std::string_view> fragment_at(std::string_view block, std::size_t at) {
  if (at + kHeaderBytes > block.size()) return std::nullopt;
  const auto type = get_le<std::uint8_t>(block, at + 6);
  if (type < kFull || type > kLast) return std::nullopt;
  const std::size_t bytes = kHeaderBytes + get_le<std::uint16_t>(block, at + 4);
  if (at + bytes > block.size()) return std::nullopt;
  return block.substr(at, bytes);
}

// Where a block stops to be a row of fragments; its end if it does not. Checksums are RocksDB's
// part.
std::size_t readable_bytes(std::string_view block) {
  std::size_t at = 0;
  while (const auto fragment = fragment_at(block, at)) at += fragment->size();
  return kBlockBytes - at < kHeaderBytes ? block.size() : at;
}

// Whether a batch starts anywhere in the block from that place on.
bool starts_batch(std::string_view block, std::size_t from) {
  for (std::size_t at = from; at + kHeaderBytes <= block.size(); ++at) {
    const auto type = get_le<std::uint8_t>(block, at + 6);
    if (type != kFull && type != kFirst) continue;
    const auto fragment = fragment_at(block, at);
    if (!fragment) continue;
    if (masked_crc(fragment->substr(6)) == get_le<std::uint32_t>(*fragment, 0)) return true;
  }
  return false;
}

[[noreturn]] void refuse(const fs::path& file, std::size_t at) {
  throw LogError("Log: the file " + file.string() + " is damaged at byte " + std::to_string(at) +
                 ", before acknowledged commits; restore a backup");
}

void check_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(kBlockBytes);
  std::optional<std::size_t> broken_at;
  for (std::size_t block_at = 0; in; block_at += kBlockBytes) {
    in.read(buffer.data(), kBlockBytes);
    const std::string_view block(buffer.data(), static_cast<std::size_t>(in.gcount()));
    std::size_t from = 0;
    if (!broken_at) {
      const std::size_t readable = readable_bytes(block);
      if (readable == block.size()) continue;
      broken_at = block_at + readable;
      from = readable + 1;
    }
    if (starts_batch(block, from)) refuse(file, *broken_at);
  }
}

}  // namespace

void check_wals(const fs::path& directory) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const fs::path& file = entry.path();
    const bool is_manifest = file.filename().string().starts_with("MANIFEST-");
    if (is_manifest || file.extension() == ".log") check_file(file);
  }
}

}  // namespace runledger::eventlog
