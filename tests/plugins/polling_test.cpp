// Tasks that poll, in the runner and over a session: they keep their lease and no slot.
#include <gtest/gtest.h>

#include <atomic>

#include "tests/plugins/session_fixture.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using namespace protocol;

// Finds something at the `looks`-th look.
testing::Behaviour polls(std::shared_ptr<std::atomic<int>> looks, int found_at,
                         PollOptions options = {.every = 5ms, .timeout = 1min}) {
  return [=](TaskContext& task) -> json {
    return {{"found", task.poll("render", options, [&]() -> std::optional<json> {
               if (++*looks < found_at) return std::nullopt;
               return json(looks->load());
             })}};
  };
}

class PollingTest : public ::testing::Test {
 protected:
  void start(const std::string& lease_id) { runner.start(testing::leased(lease_id, "it")); }

  const std::shared_ptr<std::atomic<int>> looks = std::make_shared<std::atomic<int>>(0);
  testing::FakeLink link;
  testing::FakeUploader uploader;
  testing::LocalExecutor executor{{{"it", testing::scripted_plugin()}}};
  TaskRunner runner{1, executor, link, uploader};
};

TEST_F(PollingTest, SaysOnceThatThereIsNoNewsAndGivesTheLeaseBackWithTheNews) {
  testing::set_behaviour("it", polls(looks, 5));
  start("lease_1");
  link.wait_for_free_slots(1);
  const auto reports = link.reports();
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_TRUE(std::get<PollWaitReport>(reports[0]).keep_lease);
  const auto found = std::get<StepReport>(reports[1]);
  EXPECT_TRUE(found.release);
  EXPECT_EQ(found.result, "5");
  EXPECT_EQ(link.parked(), std::vector<std::string>{"lease_1"});
}

TEST_F(PollingTest, GivesALookWhatWasDoneBeforeIt) {
  const auto done = std::make_shared<std::atomic<int>>(0);
  testing::set_behaviour("it", [done, poll = polls(looks, 3)](TaskContext& task) -> json {
    task.step("submit", [&] { return ++*done; });
    return poll(task);
  });
  start("lease_1");
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::get<StepReport>(link.reports().back()).release);
  EXPECT_EQ(*done, 1);
}

TEST_F(PollingTest, LooksWhileTheSlotIsTaken) {
  testing::set_behaviour("it", polls(looks, 3));
  start("lease_1");
  link.wait_for_reports(1);
  Gate gate;
  testing::set_behaviour("it", [&, poll = polls(looks, 3)](TaskContext& task) -> json {
    if (task.task_id() == "task_lease_1") return poll(task);
    return gate.wait_then(succeed)(task);
  });
  start("lease_2");
  link.wait_for_free_slots(1);
  EXPECT_EQ(link.free_slots(), std::vector<std::string>{"lease_1"});
  gate.open();
  link.wait_for_free_slots(2);
}

TEST_F(PollingTest, ACanceledOneEndsWithoutTheExecutor) {
  testing::set_behaviour("it", polls(looks, 1'000'000, {.every = 1h, .timeout = 5h}));
  start("lease_1");
  link.wait_for_reports(1);
  while (link.parked().empty()) std::this_thread::yield();
  runner.cancel("lease_1", 1h);
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(link.reports().back()));
  EXPECT_EQ(*looks, 1);
}

TEST_F(PollingTest, TimesOut) {
  testing::set_behaviour("it", polls(looks, 1'000'000, {.every = 10ms, .timeout = 50ms}));
  start("lease_1");
  link.wait_for_free_slots(1);
  EXPECT_EQ(std::get<FailedReport>(link.reports().back()).code, "poll_timed_out");
  EXPECT_GE(*looks, 3);
  EXPECT_LE(*looks, 7);
}

TEST_F(PollingTest, AWorkerThatLeavesGivesThemBack) {
  testing::set_behaviour("it", polls(looks, 1'000'000, {.every = 1h, .timeout = 5h}));
  start("lease_1");
  while (link.parked().empty()) std::this_thread::yield();
  runner.give_back_unbegun();
  start("lease_2");
  link.wait_for_free_slots(1);
  EXPECT_EQ(link.reports_of<CanceledReport>().size(), 1u);
  EXPECT_EQ(link.given_back(), std::vector<std::string>{"lease_2"});
}

class PollingSessionTest : public SessionFixture {};

TEST_F(PollingSessionTest, AParkedTaskLeavesItsSlotToAnother) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    if (task.task_id() != "task_lease_1") return json::object();
    return task.poll("render", {.every = 1h, .timeout = 5h},
                     []() -> std::optional<json> { return std::nullopt; });
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  const auto waits = peer.expect<Reports>();
  EXPECT_TRUE(std::get<PollWaitReport>(waits.reports.at(0).body).keep_lease);
  lease(peer, "lease_2");
  lease(peer, "lease_3");
  EXPECT_EQ(peer.skip_to<Reports>().reports.at(0).lease_id, "lease_2");
  wait_until_idle();
  peer.send(Cancel{"lease_1", 1000});
  auto canceled = peer.skip_to<Reports>();
  while (canceled.reports.at(0).lease_id != "lease_1") canceled = peer.skip_to<Reports>();
  EXPECT_EQ(canceled.reports.at(0).lease_id, "lease_1");
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(canceled.reports.at(0).body));
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
}

TEST_F(PollingSessionTest, ADrainGivesParkedTasksBack) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    return task.poll("render", {.every = 1h, .timeout = 5h},
                     []() -> std::optional<json> { return std::nullopt; });
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  acknowledge(peer, peer.skip_to<Reports>());
  wait_until_idle();
  peer.send(Drain{});
  const auto given_back = peer.skip_to<Reports>();
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(given_back.reports.at(0).body));
  acknowledge(peer, given_back);
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

TEST_F(PollingSessionTest, OneThatComesAgainAsksForAllItsSlots) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    return task.poll("render", {.every = 1h, .timeout = 5h},
                     []() -> std::optional<json> { return std::nullopt; });
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  acknowledge(peer, peer.skip_to<Reports>());
  wait_until_idle();
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
  wait_until_idle();
  end = run();
  auto again = door.accept();
  EXPECT_TRUE(again.expect<Register>().held.empty());
  again.send(Registered{"wrk_2"});
  EXPECT_GE(again.expect<Lease>().room, kSlots);
  again.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
}

}  // namespace
}  // namespace runledger::core::worker
