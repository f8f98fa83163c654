// The background of the picture, as a function of place.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "plugins/image/request.h"

namespace runledger::plugins::image {

struct Colour {
  float red, green, blue;  // 0 to 1, as displayed (sRGB)
};

// The background: a gradient crossed by waving ribbons. A function of the request alone, so that
// the same request gives the same picture on every attempt and every machine with the same C
// library.
class Scene {
 public:
  explicit Scene(const Request& request);

  // u and v run from 0 to 1 over the longer side of the picture.
  Colour colour_at(float u, float v) const;
  std::string_view palette() const { return palette_; }

 private:
  struct Ribbon {
    float cosine, sine;  // direction that it runs in
    float offset, width;
    float amplitude, frequency, phase;
    float opacity;
    Colour colour;
  };
  static constexpr int kRibbons = 5;

  std::string_view palette_;
  Colour from_, to_;
  float cosine_, sine_;  // direction of the gradient
  std::array<Ribbon, kRibbons> ribbons_;
};

}  // namespace runledger::plugins::image
