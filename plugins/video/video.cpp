#include <runledger/plugin.hpp>

#include "plugins/video/coze.h"
#include "plugins/video/encoder.h"
#include "plugins/video/film.h"
#include "plugins/video/manifest.h"
#include "plugins/video/request.h"

namespace runledger::plugins::video {
namespace {

constexpr double kReadPercent = 5;  // the pictures are there
constexpr double kEncodedPercent = 95;

class VideoExecutor : public Executor {
 public:
  json execute(TaskContext& task) override {
    if (task.input().value("provider", "local") == "coze") return make_at_coze(task);
    const Request request = read_request(task.input());
    Film film(request, stills_of(task, request));
    if (film.glyphs_missing() > 0) {
      task.log("warning", "No font here has " + std::to_string(film.glyphs_missing()) +
                              " of the captions' characters: they are drawn as boxes");
    }
    const auto bytes = encoded(task, request, film);
    task.progress(kEncodedPercent, "storing");
    const Artifact artifact =
        task.artifact({.name = "video.mp4", .media_type = "video/mp4"}, bytes);
    task.progress(100, "stored");
    return {{"resource_id", artifact.resource_id},
            {"name", "video.mp4"},
            {"media_type", "video/mp4"},
            {"width", request.width},
            {"height", request.height},
            {"frames", request.frames},
            {"seconds", static_cast<double>(request.frames) / request.fps},
            {"size", artifact.size},
            {"sha256", artifact.sha256}};
  }

  void cancel_remote(RemoteCancel& job) override { cancel_at_coze(job); }

 private:
  static std::vector<Still> stills_of(TaskContext& task, const Request& request) {
    const Size size{request.width, request.height};
    std::vector<Still> stills;
    for (const std::string& id : request.images) {
      task.throw_if_stopped();
      stills.push_back(decode_still(task.resource(id).bytes, size));
      task.progress(kReadPercent * static_cast<double>(stills.size()) /
                        static_cast<double>(request.images.size()),
                    "reading pictures");
    }
    for (std::size_t i = 0; stills.size() < request.scenes(); ++i) {
      stills.push_back(gradient_still(size, i));
    }
    return stills;
  }

  static std::vector<std::byte> encoded(TaskContext& task, const Request& request, Film& film) {
    Encoder encoder({request.width, request.height}, request.fps);
    for (int frame = 0; frame < request.frames; ++frame) {
      task.throw_if_stopped();
      encoder.add(film.frame(frame));
      const double done = static_cast<double>(encoder.frames_done()) / request.frames;
      task.progress(kReadPercent + (kEncodedPercent - kReadPercent) * std::min(done, 1.0),
                    "encoding");
    }
    return encoder.finish();
  }
};

}  // namespace
}  // namespace runledger::plugins::video

RUNLEDGER_PLUGIN(runledger::plugins::video::VideoExecutor, runledger::plugins::video::kManifest)
