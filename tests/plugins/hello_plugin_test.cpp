// The example that plugins/README.md points at, run as a worker runs it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/worker/plugin.h"
#include "core/worker/task_runner.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/local_executor.h"

namespace runledger::core::worker {
namespace {

using nlohmann::json;

class HelloPlugin : public ::testing::Test {
 protected:
  void run(const json& input) {
    const auto loaded = load_plugin(RUNLEDGER_TEST_PLUGINS "/hello.so");
    ASSERT_TRUE(std::holds_alternative<Plugin>(loaded)) << std::get<PluginRefusal>(loaded).reason;
    testing::LocalExecutor executor({{"hello", std::get<Plugin>(loaded).descriptor}});
    TaskRunner runner(1, executor, link, uploader);
    runner.start(testing::leased("lease_1", "hello", input.dump()));
  }

  testing::FakeLink link;
  testing::FakeUploader uploader;
};

TEST_F(HelloPlugin, GreetsAsOftenAsItIsAskedTo) {
  run({{"who", "Ada"}, {"times", 3}});
  const auto greeted = link.reports_of<protocol::EmitReport>();
  ASSERT_EQ(greeted.size(), 3u);
  EXPECT_EQ(greeted[2].event_type, "hello.greeted");
  EXPECT_EQ(json::parse(greeted[2].data), json({{"who", "Ada"}, {"number", 3}}));
  EXPECT_EQ(link.reports_of<protocol::ProgressReport>().back().percent, 100);
  const auto outcome = std::get<protocol::SucceededReport>(link.reports().back());
  EXPECT_EQ(json::parse(outcome.output), json({{"greetings", 3}}));
}

TEST_F(HelloPlugin, FailsWithItsOwnCode) {
  run({{"who", "nobody"}});
  const auto outcome = std::get<protocol::FailedReport>(link.reports().back());
  EXPECT_EQ(outcome.code, "nobody_there");
  EXPECT_FALSE(outcome.retryable);
}

}  // namespace
}  // namespace runledger::core::worker
