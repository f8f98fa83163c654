// A line or two of text in the lower part of the picture.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>

#include "plugins/video/still.h"

namespace runledger::plugins::video {

// Has a font map of its own, since Pango's default one is shared by a thread. One thread.
class Caption {
 public:
  Caption(const std::string& text, Size size);

  // `opacity` from 0 to 1.
  void draw(cairo_t* cairo, double opacity) const;
  int glyphs_missing() const;

 private:
  struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
  };

  Size size_;
  double font_px_;
  std::unique_ptr<PangoFontMap, Unref> fonts_;
  std::unique_ptr<PangoContext, Unref> context_;
  std::unique_ptr<PangoLayout, Unref> layout_;
};

}  // namespace runledger::plugins::video
