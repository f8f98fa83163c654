// Reads back a PNG as the image plugin writes it: 8-bit RGB. Throws std::runtime_error when it is
// damaged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace runledger::testing {

struct Png {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgb;  // width * height * 3
};

Png read_png(std::span<const std::byte> file);

}  // namespace runledger::testing
