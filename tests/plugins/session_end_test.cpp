// How sessions end, and what becomes of the tasks then.
#include <gtest/gtest.h>

#include "tests/plugins/session_fixture.h"

namespace runledger::core::worker {
namespace {

using namespace protocol;

class SessionEndTest : public SessionFixture {};

TEST_F(SessionEndTest, ATokenThatIsNotTakenIsARefusal) {
  for (const unsigned status : {401u, 403u}) {
    auto end = run();
    door.refuse(status);
    EXPECT_EQ(end.get(), SessionEnd::kRefused) << status;
  }
}

TEST_F(SessionEndTest, AnotherAnswerToTheUpgradeIsWorthATryLater) {
  for (const unsigned status : {200u, 404u, 503u}) {
    auto end = run();
    door.refuse(status);
    EXPECT_EQ(end.get(), SessionEnd::kUnavailable) << status;
  }
}

TEST_F(SessionEndTest, NoServerIsUnavailable) {
  const std::string url = door.url();
  door.close();
  EXPECT_EQ(session.run(url, "secret", runner), SessionEnd::kUnavailable);
}

TEST_F(SessionEndTest, ThrowsOnAUrlThatItCannotUse) {
  for (const char* url : {"", "127.0.0.1:1", "https://127.0.0.1:1", "http://", "http://a/b"}) {
    EXPECT_THROW(session.run(url, "secret", runner), std::invalid_argument) << url;
  }
}

// The worker closes by itself: this server would wait for ever.
TEST_F(SessionEndTest, ARefusalIsFinal) {
  auto end = run();
  auto peer = door.accept();
  peer.expect<Register>();
  peer.send(Refused{"bad_schema", "no"});
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kRefused);
}

TEST_F(SessionEndTest, ABusyServerIsWorthATryLater) {
  auto end = run();
  auto peer = door.accept();
  peer.expect<Register>();
  peer.send(Refused{"queue_full", "come again"});
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kUnavailable);
}

TEST_F(SessionEndTest, GarbageFromTheServerEndsTheSession) {
  auto end = run();
  auto peer = registered();
  peer.send_text(R"({"type": "praise"})");
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kLost);
}

TEST_F(SessionEndTest, ALostConnectionStopsWhatRuns) {
  testing::set_behaviour("it", until_stopped);
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  lease(peer, "lease_2");
  while (runner.running() < 2) std::this_thread::yield();
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
  wait_until_idle();
}

TEST_F(SessionEndTest, ALostConnectionWakesATaskThatWaitsForAnAcknowledgement) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    task.artifact({"a", "text/plain"}, {});
    return json::object();
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  peer.expect<Reports>();
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
  wait_until_idle();
}

// Closing while much is on its way out: nothing of the connection may stay behind.
TEST_F(SessionEndTest, AConnectionThatIsLostWhileWritingLeavesNothingBehind) {
  testing::set_behaviour("it", [](TaskContext& task) -> json {
    for (;;) task.emit("large", std::string(200'000, 'x'));
  });
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  peer.expect<Reports>();
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
  wait_until_idle();
}

TEST_F(SessionEndTest, ADrainFinishesWhatRuns) {
  Gate gate;
  testing::set_behaviour("it", gate.wait_then(succeed));
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  while (runner.running() == 0) std::this_thread::yield();
  session.drain();
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  peer.send(Drain{});
  gate.open();
  const auto reports = peer.expect<Reports>();
  EXPECT_TRUE(std::holds_alternative<SucceededReport>(reports.reports.at(0).body));
  acknowledge(peer, reports);
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

TEST_F(SessionEndTest, ADrainRunsWhatWasLeasedMeanwhile) {
  testing::set_behaviour("it", succeed);
  auto end = run();
  auto peer = registered();
  session.drain();
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  lease(peer, "lease_1");
  peer.send(Drain{});
  acknowledge(peer, peer.expect<Reports>());
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

TEST_F(SessionEndTest, TheServerCanAskForADrain) {
  Gate gate;
  testing::set_behaviour("it", gate.wait_then(succeed));
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  peer.send(Drain{});
  while (!session.draining()) std::this_thread::yield();
  gate.open();
  acknowledge(peer, peer.expect<Reports>());
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

TEST_F(SessionEndTest, ADrainDoesNotWaitForAServerThatDoesNotAnswerIt) {
  auto end = run();
  auto peer = registered();
  session.drain();
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  EXPECT_TRUE(peer.wait_for_close());
  EXPECT_EQ(end.get(), SessionEnd::kDrained);
}

TEST_F(SessionEndTest, ADrainCutsConnectingShort) {
  session.drain();
  EXPECT_EQ(session.run(door.url(), "secret", runner), SessionEnd::kDrained);
  EXPECT_TRUE(session.draining());
}

// What it had was not finished, and must not keep the process alive.
TEST_F(SessionEndTest, AConnectionThatIsLostDuringADrainStopsWhatRuns) {
  testing::set_behaviour("it", until_stopped);
  auto end = run();
  auto peer = registered();
  lease(peer, "lease_1");
  while (runner.running() == 0) std::this_thread::yield();
  session.drain();
  EXPECT_EQ(peer.expect<Lease>().room, 0u);
  peer.cut();
  EXPECT_EQ(end.get(), SessionEnd::kLost);
  wait_until_idle();
  EXPECT_TRUE(session.draining());
}

}  // namespace
}  // namespace runledger::core::worker
