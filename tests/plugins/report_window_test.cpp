#include "core/worker/report_window.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using protocol::kReportsInFlightMax;

constexpr auto kShort = 20ms;  // long enough for a sender that does not wait, to be seen not to

class ReportWindowTest : public ::testing::Test {
 protected:
  ReportWindowTest() { open(); }
  ~ReportWindowTest() override { window.close(); }  // before the futures wait for their senders

  void open() {
    window.open(
        [this] {
          const std::scoped_lock lock(mutex);
          while (const auto reports = window.take()) {
            for (const auto& report : reports->reports) sent.push_back(report.seq);
          }
          if (first_of_other) {
            first_of_other->set_value();
            first_of_other = nullptr;
          }
        },
        {});
  }
  static std::vector<protocol::ReportBody> logs(std::size_t count) {
    return {count, protocol::LogReport{"info", "line"}};
  }
  void fill() { ASSERT_EQ(window.offer(task, logs(kReportsInFlightMax)), Delivery::kTaken); }
  std::future<Delivery> send(std::size_t count) {
    return std::async(std::launch::async, [this, count] { return window.send(task, logs(count)); });
  }
  // The answer to the first report that is sent from now on is under way.
  auto send_and_wait() {
    auto on_wire = std::make_unique<std::promise<void>>();
    first_of_other = on_wire.get();
    auto seen = on_wire->get_future();
    auto answer = std::async(std::launch::async, [this, keep = std::move(on_wire)] {
      return window.send_and_wait(task, protocol::LogReport{"info", "awaited"});
    });
    seen.wait();
    return answer;
  }

  const protocol::LeasedTask task = testing::leased("lease_1", "any");
  const protocol::LeasedTask other = testing::leased("lease_2", "any");
  ReportWindow window;
  std::mutex mutex;
  std::vector<std::uint64_t> sent;  // read when no one sends
  std::promise<void>* first_of_other = nullptr;
};

TEST_F(ReportWindowTest, NumbersReportsFromOneWithoutGaps) {
  EXPECT_EQ(window.offer(task, logs(2)), Delivery::kTaken);
  EXPECT_EQ(window.send(other, logs(1)), Delivery::kTaken);
  EXPECT_EQ(sent, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(ReportWindowTest, TakesAllOfAnOfferOrNothing) {
  EXPECT_EQ(window.offer(task, logs(kReportsInFlightMax - 1)), Delivery::kTaken);
  EXPECT_EQ(window.offer(task, logs(2)), Delivery::kFull);
  EXPECT_EQ(sent.size(), kReportsInFlightMax - 1);
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kTaken);
}

TEST_F(ReportWindowTest, ASenderWaitsForAnAcknowledgementWhenTheWindowIsFull) {
  fill();
  auto delivery = send(1);
  EXPECT_EQ(delivery.wait_for(kShort), std::future_status::timeout);
  window.acknowledge({{17, ""}});
  EXPECT_EQ(delivery.get(), Delivery::kTaken);
  EXPECT_EQ(sent.back(), kReportsInFlightMax + 1);
}

TEST_F(ReportWindowTest, ALargeBatchGoesOutInPartsAsThereIsRoom) {
  fill();
  auto delivery = send(3);
  window.acknowledge({{1, ""}, {2, ""}});
  EXPECT_EQ(delivery.wait_for(kShort), std::future_status::timeout);
  window.acknowledge({{3, ""}});
  EXPECT_EQ(delivery.get(), Delivery::kTaken);
  EXPECT_EQ(sent.size(), kReportsInFlightMax + 3);
}

TEST_F(ReportWindowTest, AnAcknowledgementTwiceOrOfNothingMakesNoRoom) {
  fill();
  window.acknowledge({{1, ""}});
  window.acknowledge({{1, ""}, {100'000, ""}});
  EXPECT_EQ(window.offer(task, logs(2)), Delivery::kFull);
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kTaken);
}

TEST_F(ReportWindowTest, AFenceWakesTheSenderOfThatLease) {
  fill();
  auto delivery = send(1);
  window.fence("lease_1");
  EXPECT_EQ(delivery.get(), Delivery::kGone);
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kGone);
  window.acknowledge({{1, ""}});
  EXPECT_EQ(window.offer(other, logs(1)), Delivery::kTaken);
}

TEST_F(ReportWindowTest, AForgottenLeaseIsFencedNoMore) {
  window.fence("lease_1");
  window.forget("lease_1");
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kTaken);
}

TEST_F(ReportWindowTest, TheEndOfTheSessionWakesEverySender) {
  fill();
  auto first = send(1);
  auto second = send(5);
  window.close();
  EXPECT_EQ(first.get(), Delivery::kGone);
  EXPECT_EQ(second.get(), Delivery::kGone);
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kGone);
}

TEST_F(ReportWindowTest, ASenderDoesNotSlipIntoTheNextSession) {
  fill();
  auto delivery = send(1);
  EXPECT_EQ(delivery.wait_for(kShort), std::future_status::timeout);
  window.close();
  open();
  EXPECT_EQ(delivery.get(), Delivery::kGone);
  EXPECT_EQ(sent.size(), kReportsInFlightMax);
}

TEST_F(ReportWindowTest, WhatIsNotAcknowledgedGoesOutAgainOverTheNextConnection) {
  window.offer(task, logs(3));
  window.acknowledge({{2, ""}});
  window.pause();
  EXPECT_EQ(window.offer(other, logs(1)), Delivery::kTaken) << "it waits for the connection";
  const auto held = window.unacknowledged();
  ASSERT_EQ(held.size(), 2u);
  EXPECT_EQ(held[0].lease_id, "lease_1");
  EXPECT_TRUE(held[0].ended);
  sent.clear();
  open();
  EXPECT_EQ(sent, (std::vector<std::uint64_t>{1, 3, 4}));
}

TEST_F(ReportWindowTest, WhatIsFencedByTheNextConnectionIsForgotten) {
  window.offer(task, logs(2));
  window.offer(other, logs(1));
  window.pause();
  sent.clear();
  window.open([this] { sent.push_back(window.take()->reports.at(0).seq); }, {"lease_1"});
  EXPECT_EQ(sent, std::vector<std::uint64_t>{3});
  EXPECT_EQ(window.offer(task, logs(1)), Delivery::kGone);
}

TEST_F(ReportWindowTest, NumbersTheReportsOfEachLease) {
  window.pause();
  window.offer(task, logs(2));
  window.offer(other, logs(1));
  window.offer(task, logs(1));
  std::vector<std::uint64_t> numbers;
  window.open(
      [&] {
        const auto frame = window.take();
        for (const auto& report : frame->reports) numbers.push_back(report.number);
      },
      {});
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 1, 3}));
}

TEST_F(ReportWindowTest, NothingIsKeptOfWhatWasGivenUp) {
  fill();
  window.fence("lease_1");
  window.close();
  sent.clear();
  open();
  EXPECT_TRUE(sent.empty());
  EXPECT_TRUE(window.unacknowledged().empty());
  EXPECT_EQ(window.offer(task, logs(kReportsInFlightMax)), Delivery::kTaken);
}

TEST_F(ReportWindowTest, GivesTheAcknowledgementToTheOneWhoWaitsForIt) {
  window.offer(task, logs(4));
  auto answer = send_and_wait();
  window.acknowledge({{4, "res_other"}});
  EXPECT_EQ(answer.wait_for(kShort), std::future_status::timeout);
  window.acknowledge({{5, "res_1"}});
  const auto acknowledged = answer.get();
  ASSERT_TRUE(acknowledged);
  EXPECT_EQ(acknowledged->resource_id, "res_1");
}

TEST_F(ReportWindowTest, WaitingForAnAcknowledgementEndsWithAFence) {
  auto answer = send_and_wait();
  window.fence("lease_1");
  EXPECT_FALSE(answer.get());
}

TEST_F(ReportWindowTest, WaitingForAnAcknowledgementEndsWithTheSession) {
  auto answer = send_and_wait();
  window.close();
  open();
  window.acknowledge({{1, "res_of_another_session"}});
  EXPECT_FALSE(answer.get());
}

TEST_F(ReportWindowTest, TellsWhetherEverythingWasAcknowledged) {
  window.offer(task, logs(1));
  EXPECT_FALSE(window.wait_until_empty(1ms));
  window.acknowledge({{1, ""}});
  EXPECT_TRUE(window.wait_until_empty(1h));
  window.offer(task, logs(1));
  window.close();
  EXPECT_FALSE(window.wait_until_empty(1h));
}

}  // namespace
}  // namespace runledger::core::worker
