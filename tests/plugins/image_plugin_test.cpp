// The image plugin as a worker loads and runs it.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/base/sha256.h"
#include "core/worker/plugin.h"
#include "core/worker/task_runner.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/local_executor.h"
#include "tests/plugins/png_reader.h"

// fontconfig keeps what it has set up once until the process ends, and forgets where it is.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}

namespace runledger::core::worker {
namespace {

using nlohmann::json;

const runledger_plugin* image_plugin() {
  static const auto loaded = load_plugin(RUNLEDGER_PLUGINS "/image.so");
  if (const auto* refusal = std::get_if<PluginRefusal>(&loaded)) {
    throw std::runtime_error(refusal->reason);
  }
  return std::get<Plugin>(loaded).descriptor;
}

class ImagePlugin : public ::testing::Test {
 protected:
  // Runs one task to its end and gives the final report.
  protocol::ReportBody run(const json& input) {
    testing::LocalExecutor executor({{"image", image_plugin()}});
    TaskRunner runner(1, executor, link, uploader);
    const auto ended = link.free_slots().size();
    runner.start(testing::leased("lease_1", "image", input.dump()));
    link.wait_for_free_slots(ended + 1);
    return link.reports().back();
  }
  std::vector<std::byte> picture(const json& input) {
    const auto outcome = run(input);
    EXPECT_TRUE(std::holds_alternative<protocol::SucceededReport>(outcome));
    const auto stored = uploader.stored();
    return stored.empty() ? std::vector<std::byte>() : stored.back();
  }
  runledger::testing::Png pixels(const json& input) {
    return runledger::testing::read_png(picture(input));
  }

  testing::FakeLink link;
  testing::FakeUploader uploader;
};

TEST_F(ImagePlugin, DrawsAPngOfTheSizeThatWasAskedFor) {
  const auto png = pixels({{"prompt", "A lighthouse"}, {"width", 320}, {"height", 180}});
  EXPECT_EQ(png.width, 320u);
  EXPECT_EQ(png.height, 180u);
}

TEST_F(ImagePlugin, DrawsTheSmallestPicture) {
  const auto png = pixels({{"prompt", std::string(2000, 'w')}, {"width", 16}, {"height", 16}});
  EXPECT_EQ(png.width, 16u);
  EXPECT_EQ(png.height, 16u);
}

TEST_F(ImagePlugin, DrawsVeryFlatAndVeryTallPictures) {
  EXPECT_EQ(pixels({{"prompt", "flat"}, {"width", 1000}, {"height", 16}}).width, 1000u);
  EXPECT_EQ(pixels({{"prompt", "tall"}, {"width", 16}, {"height", 1000}}).height, 1000u);
}

TEST_F(ImagePlugin, TellsOfTheArtifactInItsOutput) {
  const auto outcome = run({{"prompt", "x"}, {"width", 64}, {"height", 32}});
  const auto output = json::parse(std::get<protocol::SucceededReport>(outcome).output);
  const auto stored = uploader.stored();
  ASSERT_EQ(stored.size(), 1u);
  const std::string_view bytes(reinterpret_cast<const char*>(stored[0].data()), stored[0].size());
  EXPECT_EQ(output["resource_id"], "res_1");
  EXPECT_EQ(output["media_type"], "image/png");
  EXPECT_EQ(output["width"], 64);
  EXPECT_EQ(output["size"], bytes.size());
  EXPECT_EQ(output["sha256"], sha256_hex(bytes));
  const auto resources = link.reports_of<protocol::ResourceReport>();
  ASSERT_EQ(resources.size(), 1u);
  EXPECT_EQ(resources[0].sha256, output["sha256"]);
}

// Two pictures with the same background (the seed does not enter the text), so that what differs
// inside the panel is the writing. Blank text has no panel to speak of.
TEST_F(ImagePlugin, WritesChineseThatIsNeitherBlankNorBoxes) {
  const json size = {{"width", 256}, {"height", 128}, {"palette", "mono"}};
  const auto with = [&](const char* prompt) {
    json input = size;
    input["prompt"] = prompt;
    return pixels(input);
  };
  const auto white = [](const runledger::testing::Png& png) {
    return std::count(png.rgb.begin(), png.rgb.end(), 255);
  };
  EXPECT_GT(white(with("海边的灯塔")), white(with(" ")) + 300);
  EXPECT_NE(with("海边的灯塔").rgb, with("山上的灯塔").rgb);
  EXPECT_THAT(link.reports_of<protocol::LogReport>(), ::testing::IsEmpty());
}

TEST_F(ImagePlugin, GivesTheSameBytesForTheSameInput) {
  const json input = {{"prompt", "海边 again"}, {"width", 200}, {"height", 100}, {"seed", 7}};
  const auto first = picture(input);
  EXPECT_EQ(picture(input), first);
  json other = input;
  other["seed"] = 8;
  EXPECT_NE(picture(other), first);
}

TEST_F(ImagePlugin, GivesTheSameBytesBesideOtherTasks) {
  const json input = {{"prompt", "Side by side"}, {"width", 300}, {"height", 200}};
  const auto alone = picture(input);
  testing::LocalExecutor executor({{"image", image_plugin()}});
  TaskRunner runner(8, executor, link, uploader);
  for (int i = 0; i < 8; ++i) {
    runner.start(testing::leased("lease_s" + std::to_string(i), "image", input.dump()));
  }
  link.wait_for_free_slots(9);
  for (const auto& bytes : uploader.stored()) EXPECT_EQ(bytes, alone);
  EXPECT_EQ(uploader.stored().size(), 9u);
}

TEST_F(ImagePlugin, StopsMidway) {
  testing::LocalExecutor executor({{"image", image_plugin()}});
  TaskRunner runner(1, executor, link, uploader);
  runner.start(
      testing::leased("lease_1", "image", R"({"prompt": "large", "width": 4096, "height": 4096})"));
  link.wait_for_reports(1);  // the layout or some progress: it has begun
  runner.cancel("lease_1", std::chrono::minutes(10));
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(link.reports().back()));
  EXPECT_TRUE(uploader.stored().empty());
}

TEST_F(ImagePlugin, RefusesInputThatTheSchemaWouldRefuse) {
  for (const json& input :
       {json::object(), json({{"prompt", ""}}), json({{"prompt", 3}}),
        json({{"prompt", "x"}, {"width", 15}}), json({{"prompt", "x"}, {"height", 4097}}),
        json({{"prompt", "x"}, {"width", 64.5}}), json({{"prompt", "x"}, {"seed", -1}}),
        json({{"prompt", "x"}, {"palette", "neon"}})}) {
    const auto outcome = run(input);
    const auto* failed = std::get_if<protocol::FailedReport>(&outcome);
    ASSERT_NE(failed, nullptr) << input;
    EXPECT_EQ(failed->code, "invalid_input") << input;
    EXPECT_FALSE(failed->retryable);
  }
}

TEST_F(ImagePlugin, FailsRetryablyWhenItsPictureCannotBeStored) {
  uploader.answer = {UploadOutcome::kUnavailable, "the disk is full"};
  const auto outcome = run({{"prompt", "x"}, {"width", 16}, {"height", 16}});
  const auto& failed = std::get<protocol::FailedReport>(outcome);
  EXPECT_EQ(failed.code, "artifact_unavailable");
  EXPECT_EQ(failed.message, "the disk is full");
  EXPECT_TRUE(failed.retryable);
}

}  // namespace
}  // namespace runledger::core::worker
