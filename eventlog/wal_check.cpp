#include "eventlog/wal_check.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
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
constexpr std::size_t kBatchHeaderBytes = 12;
// The least that a disk writes as a whole, and how many zeros are no accident: the last bytes of a
// commit are small numbers.
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kUnwrittenBytesMin = 8;
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

bool checksum_holds(std::string_view fragment) {
  return masked_crc(fragment.substr(6)) == get_le<std::uint32_t>(fragment, 0);
}

// Called for each sound fragment, with its place in the block.
using FragmentVisitor = std::function<void(std::size_t at, std::string_view fragment)>;

// Where a block stops to be a row of sound fragments; its end if it does not.
std::size_t readable_bytes(std::string_view block, const FragmentVisitor& visit) {
  std::size_t at = 0;
  for (auto fragment = fragment_at(block, at); fragment; fragment = fragment_at(block, at)) {
    if (!checksum_holds(*fragment)) return at;
    visit(at, *fragment);
    at += fragment->size();
  }
  return kBlockBytes - at < kHeaderBytes ? block.size() : at;
}

// Whether the fragment has a part that a disk never wrote: after a power cut the file may have its
// full length, with zeros in place of some sectors.
bool has_unwritten_sector(std::string_view block, std::size_t at, std::size_t bytes) {
  for (std::size_t from = at; from < at + bytes;) {
    const std::size_t end = std::min(at + bytes, (from / kSectorBytes + 1) * kSectorBytes);
    const bool written = block.substr(from, end - from).find_first_not_of('\0') != block.npos;
    if (!written && end - from >= kUnwrittenBytesMin) return true;
    from = end;
  }
  return false;
}

// Whether a batch starts anywhere in the block from that place on.
bool starts_batch(std::string_view block, std::size_t from) {
  for (std::size_t at = from; at + kHeaderBytes <= block.size(); ++at) {
    const auto type = get_le<std::uint8_t>(block, at + 6);
    if (type != kFull && type != kFirst) continue;
    const auto fragment = fragment_at(block, at);
    if (fragment && checksum_holds(*fragment)) return true;
  }
  return false;
}

[[noreturn]] void refuse(const fs::path& file, std::size_t at, std::string_view where) {
  throw LogError("Log: the file " + file.string() + " is damaged at byte " + std::to_string(at) +
                 ", " + std::string(where) + "; restore a backup");
}

// The batches of all WALs, in the order of their numbers: each begins with the number of its first
// row (8 bytes) and how many rows it has (4).
class Sequence {
 public:
  void take(const fs::path& file, std::size_t at, std::string_view fragment) {
    const auto type = get_le<std::uint8_t>(fragment, 6);
    if (type != kFull && type != kFirst) return;
    if (fragment.size() < kHeaderBytes + kBatchHeaderBytes) return;
    const auto first = get_le<std::uint64_t>(fragment, kHeaderBytes);
    if (first < next_) {
      throw RepeatedWal("Log: the file " + file.string() + " repeats at byte " +
                        std::to_string(at) + " what stands before it, in it or in an earlier " +
                        "file: it is a copy, or under a wrong number; restore a backup");
    }
    next_ = first + get_le<std::uint32_t>(fragment, kHeaderBytes + 8);
  }

 private:
  std::uint64_t next_ = 0;
};

// Whether the file ends in a fragment that has its length but not all of its bytes.
bool check_file(const fs::path& file, Sequence* sequence) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(kBlockBytes);
  std::optional<std::size_t> broken_at;
  std::optional<std::size_t> wrong_checksum_at;  // nothing whole comes behind it so far
  bool torn = false;
  for (std::size_t block_at = 0; in; block_at += kBlockBytes) {
    in.read(buffer.data(), kBlockBytes);
    const std::string_view block(buffer.data(), static_cast<std::size_t>(in.gcount()));
    std::size_t from = 0;
    if (!broken_at) {
      const std::size_t readable =
          readable_bytes(block, [&](std::size_t at, std::string_view fragment) {
            if (sequence != nullptr) sequence->take(file, block_at + at, fragment);
          });
      if (readable == block.size()) continue;
      broken_at = block_at + readable;
      from = readable + 1;
      const auto fragment = fragment_at(block, readable);
      if (fragment) wrong_checksum_at = broken_at;
      torn = has_unwritten_sector(block, readable,
                                  fragment ? fragment->size() : block.size() - readable);
    }
    if (starts_batch(block, from)) refuse(file, *broken_at, "before acknowledged commits");
  }
  if (wrong_checksum_at && !torn) {
    refuse(file, *wrong_checksum_at, "where its last commit is, which was written in full");
  }
  return torn;
}

}  // namespace

bool check_wals(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::path> wals;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const fs::path& file = entry.path();
    if (file.extension() == ".log") wals.push_back(file);
    if (!file.filename().string().starts_with("MANIFEST-")) continue;
    if (check_file(file, nullptr)) refuse(file, fs::file_size(file, error), "at its end");
  }
  // Their numbers have six digits at least, and more from a million on.
  std::sort(wals.begin(), wals.end(), [](const fs::path& a, const fs::path& b) {
    const std::string& one = a.native();
    const std::string& other = b.native();
    return one.size() != other.size() ? one.size() < other.size() : one < other;
  });
  Sequence sequence;
  bool torn = false;
  for (const fs::path& file : wals) {
    torn = check_file(file, &sequence);
    if (torn && file != wals.back()) refuse(file, fs::file_size(file, error), "at its end");
  }
  return torn;
}

}  // namespace runledger::eventlog
