// The video plugin in its process, with a real encoder.
#include <array>
#include <cstdio>
#include <fstream>

#include "core/base/sha256.h"
#include "core/worker/mapped_file.h"
#include "tests/core/temporary_directory.h"
#include "tests/plugins/host_fixture.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Resources in memory, by their ids.
class FakeResources final : public ResourceSource {
 public:
  explicit FakeResources(std::map<std::string, std::string> contents)
      : contents_(std::move(contents)) {}
  ResourceContent get(const std::string&, const std::string& resource_id,
                      const std::stop_token&) override {
    ResourceContent content;
    const auto found = contents_.find(resource_id);
    if (found == contents_.end()) {
      content.problem = ResourceProblem{"resource_unknown", "There is no " + resource_id, false};
      return content;
    }
    const FileDescriptor file = nameless_file();
    if (::write(file.get(), found->second.data(), found->second.size()) < 0) std::abort();
    content.file = reopened_for_reading(file);
    return content;
  }

 private:
  const std::map<std::string, std::string> contents_;
};

std::string output_of_command(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 256> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  pclose(pipe);
  return output;
}

class VideoPlugin : public HostFixture {
 protected:
  VideoPlugin() { setenv("TMPDIR", scratch.path().c_str(), 1); }

  static constexpr std::uint64_t kEncoderMemory = 4ULL << 30;
  static HostSettings video_hosts() { return {RUNLEDGER_WORKER_PROCESS, kEncoderMemory, {}}; }
  static PluginFile video() {
    HostWatch watch;
    const std::filesystem::path file = RUNLEDGER_PLUGINS "/video.so";
    const auto found = find_plugins(RUNLEDGER_PLUGINS, [&](const std::filesystem::path& each) {
      if (each != file) return Description(PluginRefusal{each, "not wanted"});
      return describe_plugin(video_hosts(), each, watch);
    });
    if (found.plugins.size() != 1) throw std::runtime_error("video.so cannot be used");
    return found.plugins[0];
  }
  protocol::ReportBody run(const json& input, std::map<std::string, std::string> resources = {}) {
    PluginHosts executor(video_hosts(), {video()}, 2, {},
                         std::make_unique<FakeResources>(std::move(resources)));
    TaskRunner runner(1, executor, link, uploader);
    const auto ended = link.free_slots().size();
    runner.start(testing::leased("lease_1", "video", input.dump()));
    link.wait_for_free_slots(ended + 1);
    executor.close();
    return link.reports().back();
  }
  std::string stored() const {
    const auto all = uploader.stored();
    if (all.empty()) return "";
    return {reinterpret_cast<const char*>(all.back().data()), all.back().size()};
  }
  std::string file_with(const std::string& name, const std::string& content) const {
    const auto path = directory.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  std::string picture(const std::string& colour, const std::string& name) const {
    const std::string path = (directory.path() / name).string();
    output_of_command("ffmpeg -loglevel error -y -f lavfi -i color=" + colour +
                      ":s=40x30 -frames:v 1 " + path + " 2>&1");
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  core::testing::TemporaryDirectory directory;
  core::testing::TemporaryDirectory scratch;  // the plugin's
};

TEST_F(VideoPlugin, MakesAnMp4ThatOthersRead) {
  const json input = {{"captions", {"Remember", "記得一切"}},
                      {"width", 96},
                      {"height", 64},
                      {"seconds", 2},
                      {"fps", 10}};
  const json output = output_of(run(input));
  EXPECT_EQ(output["frames"], 20);
  EXPECT_EQ(output["media_type"], "video/mp4");
  const std::string first = stored();
  const std::string probed = output_of_command(
      "ffprobe -v error -count_frames -show_entries "
      "stream=codec_name,width,height,pix_fmt,nb_read_frames -of default=nw=1 " +
      file_with("clip.mp4", first));
  EXPECT_THAT(probed, HasSubstr("codec_name=h264"));
  EXPECT_THAT(probed, HasSubstr("width=96"));
  EXPECT_THAT(probed, HasSubstr("height=64"));
  EXPECT_THAT(probed, HasSubstr("pix_fmt=yuv420p"));
  EXPECT_THAT(probed, HasSubstr("nb_read_frames=20"));
  EXPECT_LT(first.find("moov"), first.find("mdat"));  // plays while it loads
  output_of(run(input));
  EXPECT_EQ(sha256_hex(stored()), sha256_hex(first));
}

TEST_F(VideoPlugin, ShowsPicturesOneAfterTheOther) {
  const json input = {{"images", {"res_red", "res_blue"}},
                      {"width", 64},
                      {"height", 48},
                      {"seconds", 2},
                      {"fps", 10},
                      {"crossfade_ms", 400}};
  const json output = output_of(
      run(input, {{"res_red", picture("red", "a.png")}, {"res_blue", picture("blue", "b.jpg")}}));
  const std::string clip = file_with("clip.mp4", stored());
  const auto middle_of = [&](const std::string& second) {
    return output_of_command("ffmpeg -loglevel error -ss " + second + " -i " + clip +
                             " -frames:v 1 -vf crop=2:2:31:23 -f rawvideo -pix_fmt rgb24 - | "
                             "od -An -tu1 -N3");
  };
  int r = 0;
  int g = 0;
  int b = 0;
  std::sscanf(middle_of("0.2").c_str(), "%d %d %d", &r, &g, &b);
  EXPECT_GT(r, 200);
  EXPECT_LT(b, 60);
  std::sscanf(middle_of("1.7").c_str(), "%d %d %d", &r, &g, &b);
  EXPECT_LT(r, 60);
  EXPECT_GT(b, 200);
}

TEST_F(VideoPlugin, SaysWhichPictureCannotBeRead) {
  const json input = {{"images", {"res_text"}}, {"width", 64}, {"height", 48}, {"seconds", 1}};
  const auto outcome = run(input, {{"res_text", "#EXTM3U\nhttp://127.0.0.1:1/x"}});
  const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->code, "image_unreadable");
  EXPECT_FALSE(failed->retryable);
  const auto missing = run({{"images", {"res_none"}}});
  EXPECT_EQ(std::get<protocol::FailedReport>(missing).code, "resource_invalid");
}

TEST_F(VideoPlugin, StopsInTheMiddleAndLeavesNothing) {
  PluginHosts executor(video_hosts(), {video()}, 2);
  TaskRunner runner(1, executor, link, uploader);
  const json input = {{"captions", {"long"}}, {"width", 1280}, {"height", 720}, {"seconds", 120}};
  runner.start(testing::leased("lease_1", "video", input.dump()));
  link.wait_for_reports(1);
  runner.cancel("lease_1", std::chrono::hours(1));
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(link.reports().back()));
  executor.close();
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
}

}  // namespace
}  // namespace runledger::core::worker
