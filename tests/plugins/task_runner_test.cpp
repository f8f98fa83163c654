#include "core/worker/task_runner.h"

#include <gmock/gmock.h>

#include <future>

#include "core/worker/limits.h"
#include "tests/plugins/executors.h"
#include "tests/plugins/fakes.h"
#include "tests/plugins/local_executor.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using protocol::CanceledReport;
using protocol::FailedReport;
using protocol::SucceededReport;
using ::testing::HasSubstr;

constexpr auto kNever = std::chrono::hours(1);

json until_stopped(TaskContext& task) {
  for (;;) {
    task.throw_if_stopped();
    std::this_thread::yield();
  }
}

class TaskRunnerTest : public ::testing::Test {
 protected:
  // Runs one task to its end and gives the final report.
  protocol::ReportBody outcome_of(testing::Behaviour behaviour) {
    testing::set_behaviour("it", std::move(behaviour));
    return outcome_with(testing::scripted_plugin());
  }
  protocol::ReportBody outcome_with(const runledger_plugin* plugin) {
    testing::LocalExecutor one({{"it", plugin}});
    TaskRunner runner(1, one, link, uploader);
    runner.start(testing::leased("lease_1", "it", R"({"n": 1})"));
    link.wait_for_free_slots(1);
    return link.reports().back();
  }
  FailedReport failure_of(testing::Behaviour behaviour) {
    return std::get<FailedReport>(outcome_of(std::move(behaviour)));
  }

  testing::FakeLink link;
  testing::FakeUploader uploader;
  testing::LocalExecutor executor{{{"it", testing::scripted_plugin()}}};
};

// Waits to be killed.
class Stubborn final : public TaskExecutor {
 public:
  protocol::ReportBody run(const protocol::LeasedTask&, TaskLink&, const TaskStop& stop) override {
    begun.set_value();
    std::promise<void> killed;
    const std::stop_callback on_kill(stop.kill, [&] { killed.set_value(); });
    killed.get_future().wait();
    was_stopped = stop.stop.stop_requested();
    return CanceledReport{};
  }
  bool was_stopped = false;
  std::promise<void> begun;  // once
};

TEST_F(TaskRunnerTest, HandsOverInputAndTakesOutput) {
  const auto outcome = outcome_of([](TaskContext& task) -> json {
    return {{"n", task.input()["n"]},
            {"user", task.session()["user"]},
            {"attempt", task.attempt()},
            {"run", task.run_id()},
            {"task", task.task_id()}};
  });
  EXPECT_EQ(json::parse(std::get<SucceededReport>(outcome).output),
            json::parse(R"({"n":1,"user":"ada","attempt":1,"run":"run_1","task":"task_lease_1"})"));
}

TEST_F(TaskRunnerTest, SendsTheLastProgressBeforeTheOutcome) {
  outcome_of([](TaskContext& task) -> json {
    for (int i = 0; i <= 10'000; ++i) task.progress(i / 100.0, "step " + std::to_string(i));
    return json::object();
  });
  const auto all = link.reports();
  ASSERT_GE(all.size(), 2u);
  EXPECT_LT(all.size(), 5'000u);
  EXPECT_EQ(std::get<protocol::ProgressReport>(all[all.size() - 2]).message, "step 10000");
}

TEST_F(TaskRunnerTest, SendsProgressOfATaskThatHasFallenSilent) {
  std::promise<void> seen;
  auto wait = seen.get_future().share();
  testing::set_behaviour("it", [wait](TaskContext& task) -> json {
    task.progress(1);
    task.progress(2);  // waits for the interval
    wait.wait();
    return json::object();
  });
  TaskRunner runner(1, executor, link, uploader);
  runner.start(testing::leased("lease_1", "it"));
  link.wait_for_reports(2);
  EXPECT_EQ(link.reports_of<protocol::ProgressReport>().back().percent, 2);
  seen.set_value();
}

TEST_F(TaskRunnerTest, KeepsCodeMessageAndRetryabilityOfAFailure) {
  const auto failed =
      failure_of([](TaskContext&) -> json { throw Failure("no_luck", "why", false); });
  EXPECT_EQ(failed.code, "no_luck");
  EXPECT_EQ(failed.message, "why");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(TaskRunnerTest, AnyOtherExceptionIsARetryableFailureWithItsText) {
  const auto failed = failure_of([](TaskContext&) -> json { throw std::range_error("too far"); });
  EXPECT_EQ(failed.code, "executor_error");
  EXPECT_EQ(failed.message, "too far");
  EXPECT_TRUE(failed.retryable);
}

TEST_F(TaskRunnerTest, AThrownIntIsARetryableFailure) {
  const auto failed = failure_of([](TaskContext&) -> json { throw 42; });
  EXPECT_EQ(failed.code, "executor_error");
  EXPECT_THAT(failed.message, HasSubstr("not a std::exception"));
  EXPECT_TRUE(failed.retryable);
}

TEST_F(TaskRunnerTest, MendsAndClipsTheTextOfAFailure) {
  const auto failed = failure_of([](TaskContext&) -> json {
    throw Failure(std::string(1000, 'c'), "\xff" + std::string(100'000, 'm'), true);
  });
  EXPECT_EQ(failed.code.size(), kNameBytesMax);
  EXPECT_EQ(failed.message.size(), kTextBytesMax);
  EXPECT_TRUE(failed.message.starts_with("\xef\xbf\xbdmm"));
}

TEST_F(TaskRunnerTest, AnExecutorThatCannotBeMadeFailsTheTask) {
  const auto outcome = outcome_with(testing::unmakable_plugin());
  const auto& failed = std::get<FailedReport>(outcome);
  EXPECT_THAT(failed.message, HasSubstr("there is no font"));
  EXPECT_TRUE(failed.retryable);
}

TEST_F(TaskRunnerTest, RefusesAnOutputThatIsTooLarge) {
  const auto failed = failure_of([](TaskContext&) -> json {
    return {{"text", std::string(kOutputBytesMax, 'x')}};
  });
  EXPECT_EQ(failed.code, "output_too_large");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(TaskRunnerTest, RefusesAnOutputThatIsNoObject) {
  EXPECT_EQ(failure_of([](TaskContext&) -> json { return {1, 2}; }).code, "output_invalid");
}

TEST_F(TaskRunnerTest, RefusesAnOutputThatIsNotUtf8) {
  const auto failed = failure_of([](TaskContext&) -> json { return {{"text", "\xff"}}; });
  EXPECT_EQ(failed.code, "output_invalid");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(TaskRunnerTest, AStoppedTaskIsCanceled) {
  testing::set_behaviour("it", until_stopped);
  TaskRunner runner(1, executor, link, uploader);
  runner.start(testing::leased("lease_1", "it"));
  runner.cancel("lease_of_another", kNever);
  EXPECT_EQ(runner.running(), 1u);
  runner.cancel("lease_1", kNever);
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(link.reports().back()));
  EXPECT_EQ(runner.running(), 0u);
}

TEST_F(TaskRunnerTest, ATaskThatStopsUnaskedHasFailed) {
  const auto failed = failure_of([](TaskContext&) -> json { throw Stopped(); });
  EXPECT_THAT(failed.message, HasSubstr("nobody asked"));
}

TEST_F(TaskRunnerTest, ATaskThatWasStoppedBeforeItsTurnNeverBegins) {
  std::promise<void> first_may_end;
  auto wait = first_may_end.get_future().share();
  std::atomic<int> begun = 0;
  testing::set_behaviour("it", [wait, &begun](TaskContext&) -> json {
    ++begun;
    wait.wait();
    return json::object();
  });
  TaskRunner runner(1, executor, link, uploader);
  runner.start(testing::leased("lease_1", "it"));
  runner.start(testing::leased("lease_2", "it"));
  runner.cancel("lease_2", kNever);
  first_may_end.set_value();
  link.wait_for_free_slots(2);
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(link.reports_of<CanceledReport>().size(), 1u);
}

TEST_F(TaskRunnerTest, WhatCannotBeginInTimeIsGivenBack) {
  std::promise<void> first_may_end;
  auto wait = first_may_end.get_future().share();
  std::atomic<int> begun = 0;
  testing::set_behaviour("it", [wait, &begun](TaskContext&) -> json {
    ++begun;
    wait.wait();
    return json::object();
  });
  TaskRunner runner(1, executor, link, uploader);
  const auto since = std::chrono::steady_clock::now();
  runner.start({testing::leased("lease_1", "it"), testing::leased("lease_2", "it"),
                testing::leased("lease_3", "it")});
  link.wait_for_given_back(2);
  EXPECT_GE(std::chrono::steady_clock::now() - since, kUnbegunTime);
  EXPECT_EQ(link.given_back(), (std::vector<std::string>{"lease_2", "lease_3"}));
  first_may_end.set_value();
  link.wait_for_free_slots(1);
  EXPECT_EQ(begun, 1);
  EXPECT_TRUE(link.reports_of<CanceledReport>().empty());
}

TEST_F(TaskRunnerTest, ACanceledTaskEndsWithoutWaitingForASlot) {
  std::promise<void> first_may_end;
  auto wait = first_may_end.get_future().share();
  testing::set_behaviour("it", [wait](TaskContext&) -> json {
    wait.wait();
    return json::object();
  });
  TaskRunner runner(1, executor, link, uploader);
  runner.start({testing::leased("lease_1", "it"), testing::leased("lease_2", "it")});
  runner.cancel("lease_2", kNever);
  link.wait_for_free_slots(1);
  EXPECT_EQ(link.free_slots(), std::vector<std::string>{"lease_2"});
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(link.reports().back()));
  first_may_end.set_value();
}

TEST_F(TaskRunnerTest, WouldHaveMoreTasksThanSlotsWhileTheyAreShort) {
  testing::set_behaviour("it", [](TaskContext&) -> json { return json::object(); });
  TaskRunner runner(1, executor, link, uploader);
  for (std::size_t i = 1; link.wanted() < 2; ++i) {
    runner.start(testing::leased("lease_" + std::to_string(i), "it"));
    link.wait_for_free_slots(i);
  }
  EXPECT_LE(link.wanted(), 1 + protocol::kLeasedAheadMax);
}

TEST_F(TaskRunnerTest, RunsAsManyTasksSideBySideAsThereAreSlots) {
  std::promise<void> all_here;
  auto wait = all_here.get_future().share();
  std::atomic<int> here = 0;
  testing::set_behaviour("it", [&, wait](TaskContext&) -> json {
    if (++here == 3) all_here.set_value();
    wait.wait();
    return json::object();
  });
  TaskRunner runner(3, executor, link, uploader);
  for (const char* lease : {"lease_1", "lease_2", "lease_3"}) {
    runner.start(testing::leased(lease, "it"));
  }
  link.wait_for_free_slots(3);
  EXPECT_EQ(link.reports_of<SucceededReport>().size(), 3u);
}

TEST_F(TaskRunnerTest, HasWhatDoesNotStopKilledWhenItsGraceIsOver) {
  Stubborn stubborn;
  TaskRunner runner(1, stubborn, link, uploader);
  runner.start(testing::leased("lease_1", "it"));
  stubborn.begun.get_future().wait();
  runner.cancel("lease_1", kNever);
  EXPECT_EQ(runner.running(), 1u);
  runner.cancel("lease_1", 1ms);  // the shorter one counts
  link.wait_for_free_slots(1);
  EXPECT_TRUE(std::holds_alternative<CanceledReport>(link.reports().back()));
}

TEST_F(TaskRunnerTest, TheDestructorWaitsForWhatRuns) {
  testing::set_behaviour("it", until_stopped);
  {
    TaskRunner runner(2, executor, link, uploader);
    for (const char* lease : {"lease_1", "lease_2", "lease_3"}) {
      runner.start(testing::leased(lease, "it"));
    }
    runner.cancel_all(kNever);
  }
  EXPECT_EQ(link.free_slots().size(), 3u);
  EXPECT_EQ(link.reports_of<CanceledReport>().size(), 3u);
}

TEST_F(TaskRunnerTest, AFencedTaskIsToldToStop) {
  std::promise<void> begun;
  testing::set_behaviour("it", [&](TaskContext& task) -> json {
    begun.set_value();
    for (;;) task.log("info", "still here");
  });
  TaskRunner runner(1, executor, link, uploader);
  runner.start(testing::leased("lease_1", "it"));
  begun.get_future().wait();
  link.fence();
  link.wait_for_free_slots(1);
  EXPECT_TRUE(link.reports_of<FailedReport>().empty());
}

}  // namespace
}  // namespace runledger::core::worker
