#include "plugins/video/caption.h"

#include <algorithm>
#include <cmath>

namespace runledger::plugins::video {
namespace {

constexpr double kWidthShare = 0.86;   // of the picture, that the text may take
constexpr double kHeightShare = 0.3;   // of it too
constexpr double kFontShare = 0.075;   // of the height, a line's
constexpr double kMarginShare = 0.06;  // of the height, below the text

}  // namespace

Caption::Caption(const std::string& text, Size size)
    : size_(size),
      font_px_(std::max(8.0, size.height * kFontShare)),
      fonts_(pango_cairo_font_map_new()),
      context_(pango_font_map_create_context(fonts_.get())),
      layout_(pango_layout_new(context_.get())) {
  PangoFontDescription* font =
      pango_font_description_from_string("DejaVu Sans,WenQuanYi Micro Hei,sans-serif");
  pango_font_description_set_absolute_size(font, std::round(font_px_ * PANGO_SCALE));
  pango_layout_set_font_description(layout_.get(), font);
  pango_font_description_free(font);
  pango_layout_set_text(layout_.get(), text.data(), static_cast<int>(text.size()));
  pango_layout_set_alignment(layout_.get(), PANGO_ALIGN_CENTER);
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_ellipsize(layout_.get(), PANGO_ELLIPSIZE_END);
  pango_layout_set_width(layout_.get(), static_cast<int>(size.width * kWidthShare * PANGO_SCALE));
  pango_layout_set_height(layout_.get(),
                          static_cast<int>(size.height * kHeightShare * PANGO_SCALE));
}

void Caption::draw(cairo_t* cairo, double opacity) const {
  PangoRectangle used;
  pango_layout_get_pixel_extents(layout_.get(), nullptr, &used);
  const double left = size_.width * (1 - kWidthShare) / 2;
  const double top = size_.height * (1 - kMarginShare) - used.height;
  const double margin = font_px_ * 0.4;
  cairo_rectangle(cairo, left + used.x - margin, top - margin, used.width + 2 * margin,
                  used.height + 2 * margin);
  cairo_set_source_rgba(cairo, 0, 0, 0, 0.5 * opacity);
  cairo_fill(cairo);
  cairo_set_source_rgba(cairo, 1, 1, 1, opacity);
  cairo_move_to(cairo, left, top);
  pango_cairo_show_layout(cairo, layout_.get());
}

int Caption::glyphs_missing() const {
  return pango_layout_get_unknown_glyphs_count(layout_.get());
}

}  // namespace runledger::plugins::video
