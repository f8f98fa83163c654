#include "plugins/image/picture.h"

#include <cairo/cairo.h>

#include <algorithm>
#include <memory>
#include <new>
#include <span>

#include "plugins/image/png.h"

namespace runledger::plugins::image {
namespace {

constexpr int kBandRows = 32;
constexpr int kSamples = 4;  // a side: each pixel is the mean of kSamples * kSamples points

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;

std::uint32_t to_byte(float sum) {
  constexpr float kScale = 255.0F / (kSamples * kSamples);
  return static_cast<std::uint32_t>(std::clamp(sum * kScale + 0.5F, 0.0F, 255.0F));
}

// The mean over the pixel smooths the edges of the ribbons.
std::uint32_t pixel_at(const Scene& scene, int x, int y, float side) {
  Colour sum{0, 0, 0};
  for (int i = 0; i < kSamples * kSamples; ++i) {
    const float dx = (static_cast<float>(i % kSamples) + 0.5F) / kSamples;
    const float dy = (static_cast<float>(i / kSamples) + 0.5F) / kSamples;
    const Colour colour =
        scene.colour_at((static_cast<float>(x) + dx) / side, (static_cast<float>(y) + dy) / side);
    sum.red += colour.red;
    sum.green += colour.green;
    sum.blue += colour.blue;
  }
  return to_byte(sum.red) << 16 | to_byte(sum.green) << 8 | to_byte(sum.blue);
}

std::span<std::uint32_t> row_of(cairo_surface_t* band, int row, int width) {
  auto* bytes = cairo_image_surface_get_data(band) + row * cairo_image_surface_get_stride(band);
  return {reinterpret_cast<std::uint32_t*>(bytes), static_cast<std::size_t>(width)};
}

Surface render_band(const Request& request, const Scene& scene, const Caption& caption, int top,
                    int rows) {
  Surface band(cairo_image_surface_create(CAIRO_FORMAT_RGB24, request.width, rows));
  if (cairo_surface_status(band.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
  const auto side = static_cast<float>(std::max(request.width, request.height));
  for (int row = 0; row < rows; ++row) {
    const auto pixels = row_of(band.get(), row, request.width);
    for (int x = 0; x < request.width; ++x) {
      pixels[static_cast<std::size_t>(x)] = pixel_at(scene, x, top + row, side);
    }
  }
  cairo_surface_mark_dirty(band.get());
  caption.draw(band.get(), top);
  cairo_surface_flush(band.get());
  return band;
}

void encode_band(cairo_surface_t* band, int width, int rows, PngWriter& png) {
  std::vector<std::uint8_t> rgb;
  for (int row = 0; row < rows; ++row) {
    rgb.clear();
    for (const std::uint32_t pixel : row_of(band, row, width)) {
      rgb.push_back(static_cast<std::uint8_t>(pixel >> 16));
      rgb.push_back(static_cast<std::uint8_t>(pixel >> 8));
      rgb.push_back(static_cast<std::uint8_t>(pixel));
    }
    png.add_row(rgb);
  }
}

}  // namespace

std::vector<std::byte> render_png(const Request& request, const Scene& scene,
                                  const Caption& caption,
                                  const std::function<void(double done)>& after_band) {
  PngWriter png(request.width, request.height);
  for (int top = 0; top < request.height; top += kBandRows) {
    const int rows = std::min(kBandRows, request.height - top);
    const Surface band = render_band(request, scene, caption, top, rows);
    encode_band(band.get(), request.width, rows, png);
    after_band(static_cast<double>(top + rows) / request.height);
  }
  return png.finish();
}

}  // namespace runledger::plugins::image
