// Processes of plugins: kept, replaced, ended, and nothing left of them.
#include "core/worker/plugin_hosts.h"

#include <signal.h>

#include <chrono>

#include "tests/plugins/host_fixture.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto kNever = std::chrono::hours(1);

class PluginHostsTest : public HostFixture {
 protected:
  static void expect_gone(pid_t pid) {
    while (kill(pid, 0) == 0) std::this_thread::yield();
    EXPECT_EQ(errno, ESRCH);
  }
};

TEST_F(PluginHostsTest, KeepAProcessForTheNextTaskOfItsPlugin) {
  PluginHosts executor(hosts(), {plugin("zoo"), plugin("zoo_processes")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto first = output_of(run(runner, "zoo", "good"));
  EXPECT_EQ(output_of(run(runner, "zoo", "good"))["pid"], first["pid"]);
  EXPECT_NE(output_of(run(runner, "zoo_processes", "good"))["pid"], first["pid"]);
  expect_gone(first["pid"]);  // there is one slot
  executor.close();
}

TEST_F(PluginHostsTest, StoreContentThatAProcessHandsOver) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto output = output_of(run(runner, "zoo", "good"));
  EXPECT_EQ(output["resource_id"], "res_1");
  const auto stored = uploader.stored();
  ASSERT_EQ(stored.size(), 1u);
  const auto& bytes = stored[0];
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
            "content of nobody");
}

TEST_F(PluginHostsTest, StopATaskThatAsks) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto lease = start(runner, "zoo", "wait_for_stop");
  link.wait_for_reports(1);
  runner.cancel(lease, kNever);
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(link.reports().back()));
}

TEST_F(PluginHostsTest, KillATaskThatDoesNotAskWhenItsGraceIsOver) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto lease = start(runner, "zoo", "spin");
  link.wait_for_reports(1);
  const auto stopped = std::chrono::steady_clock::now();
  runner.cancel(lease, kFencedGrace);
  link.wait_for_free_slots(1);
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, kFencedGrace + 100ms);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(link.reports().back()));
  output_of(run(runner, "zoo", "good"));  // the slot can be used again
}

TEST_F(PluginHostsTest, StopATaskWhoseReportsCountNoMore) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  link.fence();
  start(runner, "zoo", "wait_for_stop");
  link.wait_for_free_slots(1);
}

TEST_F(PluginHostsTest, DoNotTrustAProcessInWhichATaskHasLeftAThread) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto first = output_of(run(runner, "zoo", "leave_thread"));
  EXPECT_NE(output_of(run(runner, "zoo", "good"))["pid"], first["pid"]);
  expect_gone(first["pid"]);
}

TEST_F(PluginHostsTest, EndWhatAProcessHasStartedTogetherWithIt) {
  PluginHosts executor(hosts(), {plugin("zoo_processes")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto outcome = run(runner, "zoo_processes", "leave_child");
  EXPECT_EQ(std::get<protocol::FailedReport>(outcome).code, "plugin_crashed");
  const auto emitted = link.reports_of<protocol::EmitReport>();
  ASSERT_EQ(emitted.size(), 1u);
  expect_gone(std::stoi(emitted[0].data));
}

TEST_F(PluginHostsTest, LetAPluginStartProgramsWhoseManifestSaysSo) {
  PluginHosts executor(hosts(), {plugin("zoo"), plugin("zoo_processes")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  EXPECT_EQ(output_of(run(runner, "zoo_processes", "program")), nlohmann::json({{"exit", 7}}));
  EXPECT_EQ(output_of(run(runner, "zoo", "program"))["fork"], "Operation not permitted");
}

TEST_F(PluginHostsTest, FailATaskOfATypeThatNoPluginHas) {
  PluginHosts executor(hosts(), {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto outcome = run(runner, "unheard_of", "good");
  EXPECT_EQ(std::get<protocol::FailedReport>(outcome).code, "unknown_task_type");
}

TEST_F(PluginHostsTest, FailATaskWhosePluginWasChangedUnderneath) {
  auto changed = plugin("zoo");
  changed.seen.st_size += 1;
  PluginHosts executor(hosts(), {changed}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto outcome = run(runner, "zoo", "good");
  EXPECT_EQ(std::get<protocol::FailedReport>(outcome).code, "plugin_changed");
}

TEST_F(PluginHostsTest, SayThatThereIsNoProgramToStart) {
  auto settings = hosts();
  settings.program = "/nowhere/runledger";
  PluginHosts executor(settings, {plugin("zoo")}, 1);
  TaskRunner runner(1, executor, link, uploader);
  const auto outcome = run(runner, "zoo", "good");
  EXPECT_THAT(std::get<protocol::FailedReport>(outcome).message, HasSubstr("could not be used"));
}

}  // namespace
}  // namespace runledger::core::worker
