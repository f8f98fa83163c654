// The plugin without a server and without waiting: the clock jumps, and the test answers reviews.
#include <runledger/testing.hpp>

namespace {

using namespace std::chrono_literals;
using runledger::testing::Crash;
using runledger::testing::json;

class NoticeTest : public runledger::testing::PluginTest {};

TEST_F(NoticeTest, AsksAgainWithTheFeedbackOfAPerson) {
  host.answer_review("notice", {.approved = false, .feedback = "Warmer, please."});
  host.answer_review("notice", {.approved = true, .by = "user:rita"});
  const auto outcome = run("notice", {{"title", "Hello"}, {"rest_ms", 60000}});
  ASSERT_TRUE(outcome.succeeded()) << outcome;
  EXPECT_EQ(outcome.output()["approved_by"], "user:rita");
  EXPECT_EQ(host.reviews().at(1).body["text"], "Warmer, please.");
  EXPECT_EQ(host.now(), 60s);
}

TEST_F(NoticeTest, WaitsForSomebodyToDecide) {
  const auto outcome = run("notice", {{"title", "Hello"}});
  EXPECT_EQ(outcome.waiting_for(), "review 'notice'") << outcome;
  host.answer_review("notice", {.corrected = {{"title", "Hi"}, {"text", "Look."}}});
  EXPECT_TRUE(go_on().succeeded());
  EXPECT_EQ(json::parse(host.artifacts().at(0).content)["title"], "Hi");
}

TEST_F(NoticeTest, GivesUpWhenTheSignNeverComes) {
  const auto outcome = run("notice", {{"title", "Hello"}, {"go_file", "/nowhere/at/all"}});
  EXPECT_EQ(outcome.failure_code(), "poll_timed_out");
  EXPECT_EQ(host.now(), 20min + 100ms);
}

TEST_F(NoticeTest, DoesNotDraftTwiceAfterACrash) {
  host.approve_reviews();
  host.crash_at(1, Crash::kAfterItIsRecorded);
  EXPECT_TRUE(run("notice", {{"title", "Hello"}}).succeeded());
  EXPECT_EQ(host.durable_calls().at(0).kind, "step");
  EXPECT_EQ(host.durable_calls().size(), 4U);
}

TEST_F(NoticeTest, SurvivesACrashAtEachDurableCall) {
  expect_survives_crashes("notice", {{"title", "Hello"}});
}

TEST_F(NoticeTest, RunsTheExamplesOfItsManifest) {
  run_examples();
}

}  // namespace
