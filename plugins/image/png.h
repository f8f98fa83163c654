// A PNG encoder on zlib.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace runledger::plugins::image {

// Writes a PNG row by row (8-bit RGB, https://www.w3.org/TR/png-3/), so that the picture never has
// to be in memory as a whole. Throws std::runtime_error when zlib fails.
class PngWriter {
 public:
  PngWriter(int width, int height);
  ~PngWriter();
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  void add_row(std::span<const std::uint8_t> rgb);  // width * 3 bytes
  // After the last row.
  std::vector<std::byte> finish();

 private:
  void add_chunk(std::string_view type, std::span<const std::uint8_t> data);
  void deflate_bytes(std::span<const std::uint8_t> data, int flush);

  z_stream zlib_{};
  std::vector<std::uint8_t> previous_;  // the row above, zeros at first
  std::vector<std::vector<std::uint8_t>> filtered_;
  std::vector<std::uint8_t> chunk_;  // compressed bytes not yet written
  std::vector<std::byte> file_;
};

}  // namespace runledger::plugins::image
