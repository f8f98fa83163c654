#include "plugins/video/encoder.h"

#include <cstdlib>
#include <fstream>
#include <runledger/plugin.hpp>

namespace runledger::plugins::video {
namespace {

constexpr const char* kFileName = "video.mp4";
constexpr const char* kThreads = "2";  // a fixed number: the bytes depend on it

std::filesystem::path new_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "runledger-video-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Failure("no_directory", "There is no directory for the video: " + name, true);
  }
  return name;
}

std::vector<std::string> encoder(Size size, int fps, const std::filesystem::path& file) {
  return {"ffmpeg",
          "-hide_banner",
          "-nostdin",
          "-loglevel",
          "error",
          "-progress",
          "pipe:1",
          "-f",
          "rawvideo",
          "-pixel_format",
          "bgr0",
          "-video_size",
          std::to_string(size.width) + "x" + std::to_string(size.height),
          "-framerate",
          std::to_string(fps),
          "-i",
          "pipe:0",
          "-c:v",
          "libx264",
          "-preset",
          "veryfast",
          "-crf",
          "21",
          "-pix_fmt",
          "yuv420p",
          "-threads",
          kThreads,
          "-fflags",
          "+bitexact",
          "-flags:v",
          "+bitexact",
          "-map_metadata",
          "-1",
          "-movflags",
          "+faststart",
          file.string()};
}

}  // namespace

Encoder::Encoder(Size size, int fps)
    : directory_(new_directory()),
      ffmpeg_(encoder(size, fps, directory_ / kFileName),
              [this](std::span<const std::byte> bytes) { hear(bytes); }) {}

Encoder::~Encoder() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Encoder::add(std::span<const std::byte> frame) {
  if (!ffmpeg_.write(frame)) fail();
}

std::vector<std::byte> Encoder::finish() {
  if (!ffmpeg_.finish()) fail();
  std::ifstream file(directory_ / kFileName, std::ios::binary | std::ios::ate);
  std::vector<std::byte> bytes(file ? static_cast<std::size_t>(file.tellg()) : 0);
  file.seekg(0);
  if (bytes.empty() || !file.read(reinterpret_cast<char*>(bytes.data()),
                                  static_cast<std::streamsize>(bytes.size()))) {
    fail();
  }
  return bytes;
}

// Lines of NAME=VALUE, of which `frame` is the number of frames that are encoded.
void Encoder::hear(std::span<const std::byte> bytes) {
  constexpr std::size_t kLineBytesMax = 1024;
  for (const std::byte each : bytes) {
    const char c = static_cast<char>(each);
    if (c != '\n') {
      if (line_.size() < kLineBytesMax) line_ += c;
      continue;
    }
    if (line_.starts_with("frame=")) frames_done_ = std::atoi(line_.c_str() + 6);
    line_.clear();
  }
}

void Encoder::fail() {
  ffmpeg_.finish();
  throw Failure("encoder_failed", "ffmpeg did not encode it: " + ffmpeg_.error_text(), true);
}

}  // namespace runledger::plugins::video
