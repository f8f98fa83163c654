#include "core/worker/task_reports.h"

#include <gtest/gtest.h>

#include "core/worker/limits.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using protocol::EmitReport;
using protocol::ProgressReport;

class TaskReportsTest : public ::testing::Test {
 protected:
  using Clock = TaskReports::Clock;

  void progress(double percent, const std::string& message = {}) {
    EXPECT_EQ(reports.add(ProgressReport{percent, message}, now), Delivery::kTaken);
  }
  void emit(const std::string& type) {
    EXPECT_EQ(reports.add(EmitReport{type, "1"}, now), Delivery::kTaken);
  }

  testing::FakeLink link;
  const protocol::LeasedTask task = testing::leased("lease_1", "any");
  TaskReports reports{task, link};
  Clock::time_point now = Clock::time_point{} + 1h;
};

TEST_F(TaskReportsTest, SendsTheFirstOneAtOnce) {
  progress(1);
  EXPECT_EQ(link.batches().size(), 1u);
}

TEST_F(TaskReportsTest, KeepsOnlyTheLatestProgressOfAnInterval) {
  progress(1);
  for (int percent = 2; percent <= 50; ++percent) progress(percent);
  EXPECT_EQ(link.batches().size(), 1u);
  now += kReportInterval;
  EXPECT_EQ(reports.flush_due(now), Clock::time_point::max());
  ASSERT_EQ(link.batches().size(), 2u);
  ASSERT_EQ(link.batches()[1].size(), 1u);
  EXPECT_EQ(std::get<ProgressReport>(link.batches()[1][0]).percent, 50);
}

TEST_F(TaskReportsTest, DropsNoEventAndKeepsTheirOrder) {
  emit("a");
  emit("b");
  progress(10);
  emit("c");
  progress(20);
  EXPECT_EQ(reports.finish(protocol::SucceededReport{"{}"}), Delivery::kTaken);
  const auto all = link.reports();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(std::get<EmitReport>(all[0]).event_type, "a");
  EXPECT_EQ(std::get<EmitReport>(all[1]).event_type, "b");
  EXPECT_EQ(std::get<EmitReport>(all[2]).event_type, "c");
  EXPECT_EQ(std::get<ProgressReport>(all[3]).percent, 20);
  EXPECT_TRUE(std::holds_alternative<protocol::SucceededReport>(all[4]));
}

TEST_F(TaskReportsTest, SaysWhenToAskAgain) {
  EXPECT_EQ(reports.flush_due(now), Clock::time_point::max());
  progress(1);
  progress(2);
  EXPECT_EQ(reports.flush_due(now + 1ms), now + kReportInterval);
  EXPECT_EQ(link.batches().size(), 1u);
}

TEST_F(TaskReportsTest, AFullWindowKeepsWhatWaits) {
  progress(1);
  emit("a");
  progress(2);
  link.answer_offers_with(Delivery::kFull);
  now += kReportInterval;
  EXPECT_EQ(reports.flush_due(now), now + kReportInterval);
  EXPECT_EQ(link.batches().size(), 1u);
  link.answer_offers_with(Delivery::kTaken);
  now += kReportInterval;
  EXPECT_EQ(reports.flush_due(now), Clock::time_point::max());
  EXPECT_EQ(link.reports().size(), 3u);
}

TEST_F(TaskReportsTest, AFloodOfEventsGoesOutWithoutWaitingForTheInterval) {
  for (std::size_t i = 0; i <= kPendingReportsMax; ++i) emit("flood");
  EXPECT_EQ(link.batches().size(), 2u);
  EXPECT_EQ(link.reports().size(), kPendingReportsMax + 1);
}

TEST_F(TaskReportsTest, ManyBytesGoOutWithoutWaitingForTheInterval) {
  emit("first");
  const std::string large(kEmitBytesMax, ' ');
  for (std::size_t bytes = 0; bytes < kPendingBytesMax; bytes += large.size()) {
    EXPECT_EQ(reports.add(EmitReport{"large", large}, now), Delivery::kTaken);
  }
  EXPECT_EQ(link.batches().size(), 2u);
}

// Replaced ones take no room: they must not bring the sending forward.
TEST_F(TaskReportsTest, AFloodOfProgressStaysOneBatchAnInterval) {
  const std::string message(kTextBytesMax, 'm');
  for (int i = 0; i < 1000; ++i) progress(50, message);
  EXPECT_EQ(link.batches().size(), 1u);
}

TEST_F(TaskReportsTest, SaysWhenTheLeaseHasGone) {
  progress(1);
  link.fence();
  progress(2);
  EXPECT_EQ(reports.flush(), Delivery::kGone);
  EXPECT_EQ(reports.finish(protocol::CanceledReport{}), Delivery::kGone);
}

}  // namespace
}  // namespace runledger::core::worker
