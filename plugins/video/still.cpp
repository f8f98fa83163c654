#include "plugins/video/still.h"

#include <array>
#include <runledger/plugin.hpp>
#include <string>

#include "plugins/video/child_process.h"

namespace runledger::plugins::video {
namespace {

std::string fitted_in(Size size) {
  const std::string w = std::to_string(size.width);
  const std::string h = std::to_string(size.height);
  return "scale=" + w + ":" + h + ":force_original_aspect_ratio=decrease,pad=" + w + ":" + h +
         ":(ow-iw)/2:(oh-ih)/2:black,format=bgr0";
}

// The file comes from a tenant: nothing but pictures, and nothing else is opened on the way.
std::vector<std::string> decoder(Size size) {
  return {"ffmpeg",
          "-hide_banner",
          "-nostdin",
          "-loglevel",
          "error",
          "-protocol_whitelist",
          "pipe",
          "-format_whitelist",
          "png_pipe,jpeg_pipe,webp_pipe",
          "-codec_whitelist",
          "png,mjpeg,webp,vp8",
          "-i",
          "pipe:0",
          "-frames:v",
          "1",
          "-vf",
          fitted_in(size),
          "-f",
          "rawvideo",
          "pipe:1"};
}

}  // namespace

Still decode_still(std::span<const std::byte> file, Size size) {
  Still pixels;
  pixels.reserve(size.bytes());
  ChildProcess ffmpeg(decoder(size), [&](std::span<const std::byte> bytes) {
    if (pixels.size() + bytes.size() <= size.bytes()) {
      pixels.insert(pixels.end(), bytes.begin(), bytes.end());
    }
  });
  ffmpeg.write(file);  // it may have seen enough before the end
  if (!ffmpeg.finish() || pixels.size() != size.bytes()) {
    throw Failure("image_unreadable",
                  "Expected a PNG, JPEG or WebP picture, but: " + ffmpeg.error_text(), false);
  }
  return pixels;
}

Still gradient_still(Size size, std::size_t number) {
  using Colour = std::array<int, 3>;  // blue, green, red
  constexpr std::array<std::array<Colour, 2>, 4> kPalettes{{{{{96, 40, 24}, {180, 120, 60}}},
                                                            {{{40, 60, 20}, {120, 150, 70}}},
                                                            {{{60, 24, 70}, {150, 90, 160}}},
                                                            {{{30, 50, 110}, {90, 140, 210}}}}};
  const auto& [top, bottom] = kPalettes[number % kPalettes.size()];
  Still pixels(size.bytes());
  std::size_t at = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        const int value = top[c] + (bottom[c] - top[c]) * y / size.height;
        pixels[at++] = static_cast<std::byte>(value);
      }
      pixels[at++] = std::byte{0};
    }
  }
  return pixels;
}

}  // namespace runledger::plugins::video
