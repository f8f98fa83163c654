// A picture of the film's size, as cairo has it: 4 bytes a pixel (blue, green, red, unused), rows
// without gaps.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace runledger::plugins::video {

struct Size {
  int width = 0;
  int height = 0;
  std::size_t bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4;
  }
};

using Still = std::vector<std::byte>;

// Decodes a PNG, JPEG or WebP with ffmpeg, in a process of its own, and fits it in with black
// around it. Throws Failure `image_unreadable`.
Still decode_still(std::span<const std::byte> file, Size size);

// Where there is no picture: a gradient, another one for each number.
Still gradient_still(Size size, std::size_t number);

}  // namespace runledger::plugins::video
