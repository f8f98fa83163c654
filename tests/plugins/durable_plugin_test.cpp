// The example of durable calls that plugins/README.md shows, taken from wait to wait.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/worker/plugin.h"
#include "core/worker/task_runner.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/local_executor.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class DurablePlugin : public ::testing::Test {
 protected:
  // One run of the executor, which is given what came of the one before.
  protocol::ReportBody run() {
    const auto loaded = load_plugin(RUNLEDGER_TEST_PLUGINS "/notice.so");
    if (const auto* refused = std::get_if<PluginRefusal>(&loaded)) {
      throw std::runtime_error(refused->reason);
    }
    testing::FakeLink link;
    testing::LocalExecutor executor({{"notice", std::get<Plugin>(loaded).descriptor}});
    {
      TaskRunner runner(1, executor, link, uploader);
      runner.start(task);
      link.wait_for_free_slots(1);
    }
    for (const auto& step : link.reports_of<protocol::StepReport>()) {
      remember(step.poll ? "poll" : "step", step.name, step.result);
    }
    return link.reports().back();
  }
  void remember(const std::string& kind, const std::string& name, const std::string& result) {
    task.memos.push_back({kind, name, result});
  }
  static std::string verdict(bool approved, const std::string& feedback) {
    return json{{"approved", approved},
                {"body", {{"title", "Hello"}, {"text", feedback}}},
                {"corrected", false},
                {"feedback", feedback},
                {"by", "user:rita"}}
        .dump();
  }

  testing::FakeUploader uploader;
  protocol::LeasedTask task = testing::leased("lease_1", "notice", R"({"title":"Hello"})");
};

TEST_F(DurablePlugin, GoesFromWaitToWaitAndBackWithFeedback) {
  const auto rest = run();
  EXPECT_EQ(std::get<protocol::SleepReport>(rest).name, "rest");
  remember("sleep", "rest", "null");
  const auto first = std::get<protocol::ReviewReport>(run());
  EXPECT_EQ(json::parse(first.body)["text"], "Take notice.");
  remember("review", "notice", verdict(false, "Warmer, please."));
  const auto second = std::get<protocol::ReviewReport>(run());
  EXPECT_EQ(json::parse(second.body)["text"], "Warmer, please.");
  remember("review", "notice", verdict(true, ""));
  const auto output = json::parse(std::get<protocol::SucceededReport>(run()).output);
  EXPECT_EQ(output, json({{"resource_id", "res_1"}, {"approved_by", "user:rita"}}));
  EXPECT_EQ(uploader.stored().size(), 1u);
}

TEST(PluginsReadme, ShowsCodeThatIsBuilt) {
  const std::string readme = content_of(RUNLEDGER_SOURCE "/plugins/README.md");
  std::string source;
  for (const char* file : {"examples/hello_plugin/hello.cpp", "examples/durable_plugin/notice.cpp",
                           "examples/durable_plugin/notice_test.cpp",
                           "examples/remote_plugin/poster.cpp",
                           "examples/remote_plugin/poster_test.cpp", "plugins/http/http.cpp",
                           "tests/plugins/http_scripted_test.cpp"}) {
    source += content_of(std::string(RUNLEDGER_SOURCE "/") + file);
  }
  const std::string fence = "```cpp\n";
  std::size_t shown = 0;
  for (std::size_t at = readme.find(fence); at != std::string::npos; at = readme.find(fence, at)) {
    at += fence.size();
    const std::string code = readme.substr(at, readme.find("```", at) - at);
    EXPECT_NE(source.find(code), std::string::npos) << code;
    ++shown;
  }
  EXPECT_GE(shown, 10u);
}

}  // namespace
}  // namespace runledger::core::worker
