#include <runledger/plugin.hpp>

#include "plugins/image/manifest.h"
#include "plugins/image/picture.h"
#include "plugins/image/request.h"

namespace runledger::plugins::image {
namespace {

constexpr double kRenderedPercent = 95;  // the rest is storing

class ImageExecutor : public Executor {
 public:
  json execute(TaskContext& task) override {
    const Request request = read_request(task.input());
    const Scene scene(request);
    const Caption caption(request);
    announce(task, request, scene, caption);

    const auto bytes = render_png(request, scene, caption, [&](double done) {
      task.throw_if_stopped();
      task.progress(done * kRenderedPercent, "rendering");
    });

    task.progress(kRenderedPercent, "storing");
    const Artifact artifact =
        task.artifact({.name = "image.png", .media_type = "image/png"}, bytes);
    task.progress(100, "stored");
    return {{"resource_id", artifact.resource_id},
            {"name", "image.png"},
            {"media_type", "image/png"},
            {"width", request.width},
            {"height", request.height},
            {"size", artifact.size},
            {"sha256", artifact.sha256}};
  }

 private:
  static void announce(TaskContext& task, const Request& request, const Scene& scene,
                       const Caption& caption) {
    task.throw_if_stopped();
    const Box panel = caption.panel();
    task.emit("image.layout", {{"width", request.width},
                               {"height", request.height},
                               {"palette", scene.palette()},
                               {"font_px", caption.font_px()},
                               {"lines", caption.lines()},
                               {"shortened", caption.shortened()},
                               {"panel",
                                {{"left", panel.left},
                                 {"top", panel.top},
                                 {"width", panel.width},
                                 {"height", panel.height}}}});
    if (caption.glyphs_missing() > 0) {
      task.log("warning", "No font here has " + std::to_string(caption.glyphs_missing()) +
                              " of the characters: they are drawn as boxes. Install one, such as "
                              "fonts-wqy-microhei for Chinese, Japanese and Korean.");
    }
  }
};

}  // namespace
}  // namespace runledger::plugins::image

RUNLEDGER_PLUGIN(runledger::plugins::image::ImageExecutor, runledger::plugins::image::kManifest)
