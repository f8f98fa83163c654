#include "plugins/image/png.h"

#include <array>
#include <cstdlib>
#include <limits>
#include <stdexcept>

namespace runledger::plugins::image {
namespace {

constexpr std::size_t kPixelBytes = 3;
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr int kLevel = 6;
enum Filter : std::uint8_t { kSub = 1, kUp = 2, kPaeth = 4 };
constexpr std::array kFilters = {kSub, kUp, kPaeth};

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

int paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int to_left = std::abs(estimate - left);
  const int to_up = std::abs(estimate - up);
  const int to_corner = std::abs(estimate - corner);
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

int predict(Filter filter, int left, int up, int corner) {
  if (filter == kSub) return left;
  return filter == kUp ? up : paeth(left, up, corner);
}

// Fills `out` with the filter's number and the differences; gives the sum of their sizes, which
// tells how well they will compress.
std::uint64_t filter_row(Filter filter, std::span<const std::uint8_t> row,
                         std::span<const std::uint8_t> above, std::vector<std::uint8_t>& out) {
  out[0] = filter;
  std::uint64_t cost = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i < kPixelBytes ? 0 : row[i - kPixelBytes];
    const int corner = i < kPixelBytes ? 0 : above[i - kPixelBytes];
    const int difference = row[i] - predict(filter, left, above[i], corner);
    out[i + 1] = static_cast<std::uint8_t>(difference);
    cost += static_cast<std::uint64_t>(std::abs(static_cast<std::int8_t>(difference)));
  }
  return cost;
}

}  // namespace

PngWriter::PngWriter(int width, int height)
    : previous_(static_cast<std::size_t>(width) * kPixelBytes),
      filtered_(kFilters.size(), std::vector<std::uint8_t>(previous_.size() + 1)),
      chunk_(kChunkBytes) {
  constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  const auto* signature = reinterpret_cast<const std::byte*>(kSignature.data());
  file_.assign(signature, signature + kSignature.size());
  std::vector<std::uint8_t> header;
  for (const int side : {width, height}) {
    const auto bytes = big_endian(static_cast<std::uint32_t>(side));
    header.insert(header.end(), bytes.begin(), bytes.end());
  }
  header.insert(header.end(), {8, 2, 0, 0, 0});  // bits, RGB, deflate, filtered, not interlaced
  add_chunk("IHDR", header);
  if (deflateInit(&zlib_, kLevel) != Z_OK) throw std::runtime_error("zlib could not start");
  zlib_.next_out = chunk_.data();
  zlib_.avail_out = static_cast<uInt>(chunk_.size());
}

PngWriter::~PngWriter() {
  deflateEnd(&zlib_);
}

void PngWriter::add_row(std::span<const std::uint8_t> rgb) {
  std::size_t best = 0;
  auto lowest = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 0; i < kFilters.size(); ++i) {
    const std::uint64_t cost = filter_row(kFilters[i], rgb, previous_, filtered_[i]);
    if (cost < lowest) {
      lowest = cost;
      best = i;
    }
  }
  deflate_bytes(filtered_[best], Z_NO_FLUSH);
  previous_.assign(rgb.begin(), rgb.end());
}

std::vector<std::byte> PngWriter::finish() {
  deflate_bytes({}, Z_FINISH);
  add_chunk("IEND", {});
  return std::move(file_);
}

// Fills a chunk over as many rows as it takes.
void PngWriter::deflate_bytes(std::span<const std::uint8_t> data, int flush) {
  zlib_.next_in = const_cast<std::uint8_t*>(data.data());
  zlib_.avail_in = static_cast<uInt>(data.size());
  while (true) {
    const int status = deflate(&zlib_, flush);
    if (status == Z_STREAM_ERROR) throw std::runtime_error("zlib failed");
    if (zlib_.avail_out > 0 && status != Z_STREAM_END) return;
    add_chunk("IDAT", std::span(chunk_).first(chunk_.size() - zlib_.avail_out));
    zlib_.next_out = chunk_.data();
    zlib_.avail_out = static_cast<uInt>(chunk_.size());
    if (status == Z_STREAM_END) return;
  }
}

void PngWriter::add_chunk(std::string_view type, std::span<const std::uint8_t> data) {
  const auto append = [this](std::span<const std::uint8_t> bytes) {
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    file_.insert(file_.end(), begin, begin + bytes.size());
  };
  const std::span name(reinterpret_cast<const std::uint8_t*>(type.data()), type.size());
  uLong checksum = crc32(0, name.data(), static_cast<uInt>(name.size()));
  if (!data.empty()) checksum = crc32(checksum, data.data(), static_cast<uInt>(data.size()));
  append(big_endian(static_cast<std::uint32_t>(data.size())));
  append(name);
  append(data);
  append(big_endian(static_cast<std::uint32_t>(checksum)));
}

}  // namespace runledger::plugins::image
