#include "plugins/video/request.h"

#include <algorithm>
#include <cmath>

namespace runledger::plugins::video {

Request read_request(const json& input) {
  Request request;
  request.images = input.value("images", std::vector<std::string>());
  request.captions = input.value("captions", std::vector<std::string>());
  request.width = input.value("width", request.width);
  request.height = input.value("height", request.height);
  request.fps = input.value("fps", request.fps);
  const double seconds = input.value("seconds", 6.0);
  request.frames = std::max(1, static_cast<int>(std::lround(seconds * request.fps)));
  const int fade =
      static_cast<int>(std::lround(input.value("crossfade_ms", 500) / 1000.0 * request.fps));
  const int scene_frames = request.frames / static_cast<int>(request.scenes());
  request.fade_frames = std::clamp(fade, 0, std::max(0, (scene_frames - 1) / 2));
  return request;
}

}  // namespace runledger::plugins::video
