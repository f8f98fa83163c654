// What a worker and the server say to each other while the connection holds.
#include <gmock/gmock.h>

#include "tests/plugins/session_fixture.h"

namespace runledger::core::worker {
namespace {

using namespace protocol;

class SessionTest : public SessionFixture {};

TEST_F(SessionTest, ShowsItsTokenAndNothingElse) {
  auto end = run();
  auto peer = door.accept();
  EXPECT_EQ(peer.target(), "/v1/worker");
  EXPECT_EQ(peer.authorization(), "Bearer secret");
  EXPECT_EQ("http://" + peer.host(), door.url());
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
}

TEST_F(SessionTest, LeasesRunsAndReportsATask) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    task.emit("it.began", 1);
    return {{"done", true}};
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  std::vector<Report> reports;
  while (reports.size() < 2) {
    const auto batch = peer.expect<Reports>();
    reports.insert(reports.end(), batch.reports.begin(), batch.reports.end());
  }
  EXPECT_EQ(reports[0].seq, 1u);
  EXPECT_EQ(reports[0].lease_id, "lease_1");
  EXPECT_EQ(std::get<EmitReport>(reports[0].body).event_type, "it.began");
  EXPECT_EQ(reports[1].seq, 2u);
  EXPECT_EQ(reports[1].number, 2u);
  EXPECT_EQ(std::get<SucceededReport>(reports[1].body).output, R"({"done":true})");
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
}

TEST_F(SessionTest, AnArtifactIsThereWhenTheServerHasSaidSo) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    const auto stored = task.artifact({"a.txt", "text/plain"}, std::as_bytes(std::span("hello")));
    return {{"resource_id", stored.resource_id}};
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  const auto resource = peer.expect<Reports>().reports.at(0);
  EXPECT_EQ(std::get<ResourceReport>(resource.body).name, "a.txt");
  peer.send(Acknowledged{{{resource.seq, "res_9"}}});
  const auto outcome = peer.expect<Reports>().reports.at(0);
  EXPECT_EQ(std::get<SucceededReport>(outcome.body).output, R"({"resource_id":"res_9"})");
}

TEST_F(SessionTest, AFloodWaitsForAcknowledgements) {
  constexpr std::size_t kEvents = 2000;
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    for (std::size_t i = 0; i < kEvents; ++i) task.emit("flood", i);
    return json::object();
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  std::uint64_t next = 1;
  std::uint64_t acknowledged = 0;
  while (next <= kEvents + 1) {
    const auto batch = peer.expect<Reports>();
    for (const auto& report : batch.reports) EXPECT_EQ(report.seq, next++);
    EXPECT_LE(next - 1 - acknowledged, kReportsInFlightMax);
    acknowledge(peer, batch);
    acknowledged = next - 1;
  }
}

TEST_F(SessionTest, ACanceledTaskIsReportedAsSuch) {
  testing::set_behaviour("it", until_stopped);
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  peer.send(Cancel{"lease_1", 60'000});
  const auto outcome = peer.expect<Reports>().reports.at(0);
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(outcome.body));
}

TEST_F(SessionTest, AFencedTaskStopsAndTheOtherGoesOn) {
  Gate gate;
  testing::set_behaviour("it", [&](TaskContext& task) -> json {
    if (task.task_id() == "task_lease_2") return gate.wait_then(succeed)(task);
    for (;;) task.emit("noise", 1);  // fills the window, which nobody empties
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  lease(peer, "lease_2");
  peer.send(Fenced{"lease_1", "late"});
  while (runner.running() > 1) std::this_thread::yield();
  Acknowledged all;
  for (std::uint64_t seq = 1; seq <= kReportsInFlightMax; ++seq) all.results.push_back({seq, ""});
  peer.send(all);
  gate.open();
  auto outcome = peer.skip_to<Reports>().reports.back();
  while (outcome.lease_id != "lease_2") outcome = peer.skip_to<Reports>().reports.back();
  EXPECT_EQ(outcome.lease_id, "lease_2");
  EXPECT_TRUE(std::holds_alternative<SucceededReport>(outcome.body));
}

TEST_F(SessionTest, AFenceForATaskThatHasEndedChangesNothing) {
  testing::set_behaviour("it", succeed);
  auto end = run();
  auto peer = registered();
  for (int round = 0; round < 3; ++round) {
    lease(peer, "lease_1");  // the same name again, to see that nothing of it was kept
    const auto reports = peer.skip_to<Reports>();
    wait_until_idle();
    acknowledge(peer, reports);
    peer.send(Fenced{"lease_1", "the task has ended"});
  }
}

TEST_F(SessionTest, AsksForMoreThanItsSlotsWhenTasksAreShort) {
  testing::set_behaviour("it", succeed);
  auto end = run();
  auto peer = registered();
  std::uint32_t room = kSlots;
  for (int i = 0; room == kSlots; ++i) {
    lease(peer, "lease_" + std::to_string(i));
    bool reported = false;
    while (!reported) {
      const auto message = peer.next();
      if (const auto* asked = std::get_if<Lease>(&message)) room = asked->room;
      if (const auto* reports = std::get_if<Reports>(&message)) {
        acknowledge(peer, *reports);
        reported = true;
      }
    }
  }
  EXPECT_GT(room, kSlots);
  EXPECT_LE(room, kSlots + kLeasedAheadMax);
}

TEST_F(SessionTest, GivesBackWhatWouldWaitBehindALongTask) {
  Gate gate;
  testing::set_behaviour("it", gate.wait_then(succeed));
  auto end = run();
  auto peer = registered();
  for (const char* name : {"lease_1", "lease_2", "lease_3", "lease_4"}) lease(peer, name);
  EXPECT_EQ(peer.expect<Return>().lease_ids, (std::vector<std::string>{"lease_3", "lease_4"}));
  gate.open();
}

}  // namespace
}  // namespace runledger::core::worker
