#include "plugins/video/film.h"

#include <algorithm>

namespace runledger::plugins::video {
namespace {

// A surface on pixels of ours.
class Surface {
 public:
  Surface(Still& pixels, Size size)
      : surface_(cairo_image_surface_create_for_data(
            reinterpret_cast<unsigned char*>(pixels.data()), CAIRO_FORMAT_RGB24, size.width,
            size.height, size.width * 4)) {}
  ~Surface() { cairo_surface_destroy(surface_); }
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;
  cairo_surface_t* get() const { return surface_; }

 private:
  cairo_surface_t* surface_;
};

}  // namespace

Moment moment_of(const Request& request, int frame) {
  const auto scenes = static_cast<int>(request.scenes());
  // Each scene has its share of all frames; a rest of the division is the last one's.
  const int share = std::max(1, request.frames / scenes);
  const int scene = std::min(frame / share, scenes - 1);
  Moment moment{static_cast<std::size_t>(scene), 0};
  const int left = (scene + 1) * share - frame;  // frames until the next scene has it alone
  if (scene + 1 < scenes && left <= request.fade_frames) {
    moment.next_opacity = 1 - static_cast<double>(left) / (request.fade_frames + 1);
  }
  return moment;
}

Film::Film(const Request& request, std::vector<Still> stills)
    : request_(request),
      size_{request.width, request.height},
      stills_(std::move(stills)),
      canvas_(size_.bytes()) {
  const std::size_t count = std::min(request.captions.size(), request.scenes());
  for (std::size_t i = 0; i < count; ++i) captions_.emplace_back(request.captions[i], size_);
}

std::span<const std::byte> Film::frame(int number) {
  const Moment moment = moment_of(request_, number);
  {
    const Surface canvas(canvas_, size_);
    cairo_t* cairo = cairo_create(canvas.get());
    paint(cairo, moment.scene, 1);
    if (moment.next_opacity > 0) paint(cairo, moment.scene + 1, moment.next_opacity);
    cairo_destroy(cairo);
    cairo_surface_flush(canvas.get());
  }
  return canvas_;
}

void Film::paint(cairo_t* cairo, std::size_t scene, double opacity) {
  const Surface still(stills_[scene], size_);
  cairo_push_group(cairo);
  cairo_set_source_surface(cairo, still.get(), 0, 0);
  cairo_paint(cairo);
  if (scene < captions_.size() && !request_.captions[scene].empty()) {
    captions_[scene].draw(cairo, 1);
  }
  cairo_pop_group_to_source(cairo);
  cairo_paint_with_alpha(cairo, opacity);
}

int Film::glyphs_missing() const {
  int missing = 0;
  for (const Caption& caption : captions_) missing += caption.glyphs_missing();
  return missing;
}

}  // namespace runledger::plugins::video
