#include "tests/plugins/png_reader.h"

#include <zlib.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace runledger::testing {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::uint32_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  require(bytes.size() >= at + 4, "the file is cut off");
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

int predict(int filter, int left, int up, int corner) {
  if (filter == 1) return left;
  if (filter == 2) return up;
  require(filter == 4, "an unexpected filter");
  const int estimate = left + up - corner;
  const int a = std::abs(estimate - left);
  const int b = std::abs(estimate - up);
  const int c = std::abs(estimate - corner);
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

void unfilter(Png& png, const std::vector<std::uint8_t>& filtered) {
  const std::size_t row_bytes = std::size_t{png.width} * 3;
  png.rgb.resize(row_bytes * png.height);
  const auto at = [&](std::size_t row, std::size_t i) -> int {
    return row == 0 || i < 1 ? 0 : png.rgb[(row - 1) * row_bytes + i - 1];
  };
  for (std::size_t row = 0; row < png.height; ++row) {
    const std::uint8_t* line = filtered.data() + row * (row_bytes + 1);
    for (std::size_t i = 0; i < row_bytes; ++i) {
      const int left = i < 3 ? 0 : png.rgb[row * row_bytes + i - 3];
      const int corner = i < 3 ? 0 : at(row, i - 2);
      const int value = line[i + 1] + predict(line[0], left, at(row, i + 1), corner);
      png.rgb[row * row_bytes + i] = static_cast<std::uint8_t>(value);
    }
  }
}

}  // namespace

Png read_png(std::span<const std::byte> file) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  require(bytes.size() > 8 && std::memcmp(bytes.data(), kSignature.data(), 8) == 0, "no PNG");
  Png png;
  std::vector<std::uint8_t> packed;
  std::string type;
  for (std::size_t at = 8; type != "IEND";) {
    const std::uint32_t size = number_at(bytes, at);
    require(bytes.size() >= at + 12 + size, "a chunk is cut off");
    type.assign(reinterpret_cast<const char*>(&bytes[at + 4]), 4);
    const auto data = bytes.subspan(at + 8, size);
    require(crc32(0, &bytes[at + 4], size + 4) == number_at(bytes, at + 8 + size), "checksum");
    if (type == "IHDR") {
      png.width = number_at(data, 0);
      png.height = number_at(data, 4);
      require(data[8] == 8 && data[9] == 2 && data[12] == 0, "not 8-bit RGB");
    }
    if (type == "IDAT") packed.insert(packed.end(), data.begin(), data.end());
    at += 12 + size;
  }
  std::vector<std::uint8_t> filtered((std::size_t{png.width} * 3 + 1) * png.height);
  uLongf size = filtered.size();
  require(uncompress(filtered.data(), &size, packed.data(), packed.size()) == Z_OK, "deflate");
  require(size == filtered.size(), "the picture is cut off");
  unfilter(png, filtered);
  return png;
}

}  // namespace runledger::testing
