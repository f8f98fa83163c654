// What is to be made.
#pragma once

#include <runledger/plugin.hpp>
#include <string>
#include <vector>

namespace runledger::plugins::video {

struct Request {
  std::vector<std::string> images;    // ids of resources
  std::vector<std::string> captions;  // one for each scene, as far as there are
  int width = 1280;
  int height = 720;
  int fps = 25;
  int frames = 150;      // all of them
  int fade_frames = 12;  // from one scene to the next, less than half of a scene
  std::size_t scenes() const { return images.empty() ? captions.size() : images.size(); }
};

// The input fits the schema.
Request read_request(const json& input);

}  // namespace runledger::plugins::video
