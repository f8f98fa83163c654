#include "plugins/image/caption.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace runledger::plugins::image {
namespace {

constexpr double kFontPxMin = 1.5;
constexpr double kFontPxMax = 480;
constexpr double kWidthShare = 0.82;  // of the picture, that the text may take
constexpr double kHeightShare = 0.76;
constexpr double kPanelOpacity = 0.5;

void rounded_rectangle(cairo_t* cairo, Box box, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  const double right = box.left + box.width - radius;
  const double bottom = box.top + box.height - radius;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, right, box.top + radius, radius, -kQuarter, 0);
  cairo_arc(cairo, right, bottom, radius, 0, kQuarter);
  cairo_arc(cairo, box.left + radius, bottom, radius, kQuarter, 2 * kQuarter);
  cairo_arc(cairo, box.left + radius, box.top + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(cairo);
}

// Hinting would make the same text wrap differently from size to size.
void make_scalable(PangoContext* context) {
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context, options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(context, FALSE);
  pango_context_set_language(context, pango_language_from_string("en"));
}

}  // namespace

Caption::Caption(const Request& request)
    : box_width_(request.width * kWidthShare),
      box_height_(request.height * kHeightShare),
      fonts_(pango_cairo_font_map_new()),
      context_(pango_font_map_create_context(fonts_.get())),
      layout_(nullptr) {
  make_scalable(context_.get());
  layout_.reset(pango_layout_new(context_.get()));
  pango_layout_set_text(layout_.get(), request.prompt.data(),
                        static_cast<int>(request.prompt.size()));
  pango_layout_set_alignment(layout_.get(), PANGO_ALIGN_CENTER);
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);

  double low = kFontPxMin;
  double high = std::clamp(box_height_ / 2, kFontPxMin, kFontPxMax);
  while (high - low > 0.25) {
    const double middle = (low + high) / 2;
    (fits(middle) ? low : high) = middle;
  }
  set_size(low);
  pango_layout_set_ellipsize(layout_.get(), PANGO_ELLIPSIZE_END);
  pango_layout_set_height(layout_.get(), static_cast<int>(box_height_ * PANGO_SCALE));

  PangoRectangle used;
  pango_layout_get_pixel_extents(layout_.get(), nullptr, &used);
  const double margin = std::min(font_px_ * 0.6, 0.06 * std::min(request.width, request.height));
  text_ = {(request.width - box_width_) / 2, (request.height - used.height) / 2.0, box_width_,
           static_cast<double>(used.height)};
  panel_ = {text_.left + used.x - margin, text_.top - margin, used.width + 2 * margin,
            used.height + 2 * margin};
}

void Caption::set_size(double font_px) {
  font_px_ = font_px;
  PangoFontDescription* font =
      pango_font_description_from_string("DejaVu Sans,WenQuanYi Micro Hei,sans-serif");
  pango_font_description_set_absolute_size(font, std::round(font_px * PANGO_SCALE));
  pango_layout_set_font_description(layout_.get(), font);
  pango_font_description_free(font);
  pango_layout_set_width(layout_.get(), static_cast<int>(box_width_ * PANGO_SCALE));
}

bool Caption::fits(double font_px) {
  set_size(font_px);
  PangoRectangle used;
  pango_layout_get_extents(layout_.get(), nullptr, &used);
  return used.width <= box_width_ * PANGO_SCALE && used.height <= box_height_ * PANGO_SCALE;
}

void Caption::draw(cairo_surface_t* surface, int top) const {
  cairo_t* cairo = cairo_create(surface);
  cairo_translate(cairo, 0, -top);
  rounded_rectangle(cairo, panel_, std::min({font_px_ * 0.4, panel_.width / 2, panel_.height / 2}));
  cairo_set_source_rgba(cairo, 0, 0, 0, kPanelOpacity);
  cairo_fill(cairo);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_move_to(cairo, text_.left, text_.top);
  pango_cairo_show_layout(cairo, layout_.get());
  cairo_destroy(cairo);
}

int Caption::lines() const {
  return pango_layout_get_line_count(layout_.get());
}
bool Caption::shortened() const {
  return pango_layout_is_ellipsized(layout_.get()) != FALSE;
}
int Caption::glyphs_missing() const {
  return pango_layout_get_unknown_glyphs_count(layout_.get());
}

}  // namespace runledger::plugins::image
