// Renders the whole picture: background and caption, as the bytes of a PNG.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "plugins/image/caption.h"
#include "plugins/image/scene.h"

namespace runledger::plugins::image {

// Renders and encodes in bands of rows. `after_band` hears which part of the picture is done, 0 to
// 1; what it throws ends the rendering. The same arguments give the same bytes.
std::vector<std::byte> render_png(const Request& request, const Scene& scene,
                                  const Caption& caption,
                                  const std::function<void(double done)>& after_band);

}  // namespace runledger::plugins::image
