// Lays out the prompt and draws it onto the picture.
#pragma once

#include <pango/pangocairo.h>

#include <memory>

#include "plugins/image/request.h"

namespace runledger::plugins::image {

struct Box {
  double left, top, width, height;  // pixels
};

// The prompt, wrapped and as large as fits into the picture, on a dark panel. Has a font map of its
// own: Pango's default one is shared by everything on a thread. One thread.
class Caption {
 public:
  explicit Caption(const Request& request);

  // Draws the rows from `top` on that the surface holds.
  void draw(cairo_surface_t* surface, int top) const;

  double font_px() const { return font_px_; }
  int lines() const;
  bool shortened() const;  // ends with an ellipsis: not all of it fits
  int glyphs_missing() const;
  Box panel() const { return panel_; }

 private:
  struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
  };

  void set_size(double font_px);
  bool fits(double font_px);

  double box_width_, box_height_;
  double font_px_ = 0;
  Box panel_{}, text_{};
  std::unique_ptr<PangoFontMap, Unref> fonts_;
  std::unique_ptr<PangoContext, Unref> context_;
  std::unique_ptr<PangoLayout, Unref> layout_;
};

}  // namespace runledger::plugins::image
