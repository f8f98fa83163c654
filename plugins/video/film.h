// The film before it is encoded: its frames, one after the other.
#pragma once

#include <span>
#include <vector>

#include "plugins/video/caption.h"
#include "plugins/video/request.h"
#include "plugins/video/still.h"

namespace runledger::plugins::video {

// Which scene a frame shows, and how far it has faded into the next one.
struct Moment {
  std::size_t scene = 0;
  double next_opacity = 0;  // 0: the scene alone
};
Moment moment_of(const Request& request, int frame);

// One thread. The same arguments give the same frames.
class Film {
 public:
  // As many stills as the request has scenes.
  Film(const Request& request, std::vector<Still> stills);

  // The pixels of a frame, until the next call.
  std::span<const std::byte> frame(int number);
  int glyphs_missing() const;

 private:
  void paint(cairo_t* cairo, std::size_t scene, double opacity);

  const Request request_;
  const Size size_;
  std::vector<Still> stills_;
  std::vector<Caption> captions_;
  Still canvas_;
};

}  // namespace runledger::plugins::video
