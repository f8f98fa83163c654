// Encodes frames as H.264 in an MP4 that plays while it loads, with ffmpeg in a process of its own.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "plugins/video/child_process.h"
#include "plugins/video/still.h"

namespace runledger::plugins::video {

// One thread. The same frames give the same bytes. Throws Failure `encoder_failed`. Destroyed
// before finish(): nothing is left of it.
class Encoder {
 public:
  Encoder(Size size, int fps);
  ~Encoder();
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  void add(std::span<const std::byte> frame);
  std::vector<std::byte> finish();
  // How far the encoder has come, as it says itself.
  int frames_done() const { return frames_done_; }

 private:
  void hear(std::span<const std::byte> bytes);
  [[noreturn]] void fail();

  const std::filesystem::path directory_;
  std::string line_;
  int frames_done_ = 0;
  ChildProcess ffmpeg_;
};

}  // namespace runledger::plugins::video
