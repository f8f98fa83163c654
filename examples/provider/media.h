// The files that the provider's jobs come to: made once, at the start.
#pragma once

#include <optional>
#include <string>

namespace runledger::provider {

inline constexpr std::size_t kClipBytesMax = 4 * 1024 * 1024;

// A PNG of 64 x 64 pixels, a gradient.
std::string make_picture();

// One second of an MP4 (H.264), by ffmpeg. nullopt: there is no ffmpeg, or it failed. Blocks.
std::optional<std::string> make_clip();

}  // namespace runledger::provider
