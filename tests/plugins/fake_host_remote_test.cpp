// Jobs in the SDK's fake host: crashes while one is handed over, what an operator says, cancels.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <runledger/testing.hpp>

#include "tests/plugins/executors.h"

namespace runledger::core::worker {
namespace {

using namespace std::chrono_literals;
using runledger::testing::FakeHost;
namespace sdk = runledger::testing;

const json kDone = json::object();

class FakeHostRemote : public ::testing::Test {
 protected:
  // A task with one job, which is to become a clip.
  sdk::Outcome run(bool finds) {
    provider_.clear();
    testing::set_behaviour("any", [this, finds](TaskContext& task) -> json {
      RemoteOptions options{.provider = "coze", .resource = {{"clip.mp4", "video/mp4"}}};
      if (finds)
        options.find = [this](std::string_view key) {
          return known(key);
        };
      const auto job = task.remote(options, [&](RemoteCall& call) {
        provider_.push_back(call.idempotency_key());
        return "job of " + call.idempotency_key();
      });
      return {{"execute_id", job.execute_id()},
              {"completes",
               task.artifact({"clip.mp4", "video/mp4"}, {}).resource_id == job.resource_id()}};
    });
    return host_.run(*testing::scripted_plugin(), "any", kDone);
  }
  sdk::Outcome go_on() { return host_.go_on(*testing::scripted_plugin()); }
  std::optional<std::string> known(std::string_view key) const {
    const bool there = std::find(provider_.begin(), provider_.end(), key) != provider_.end();
    return there ? std::optional("job of " + std::string(key)) : std::nullopt;
  }

  FakeHost host_;
  std::vector<std::string> provider_;  // the keys that it was given
};

TEST_F(FakeHostRemote, AJobIsHandedOverOnceWhereverTheProcessDies) {
  for (const sdk::Crash side : {sdk::Crash::kBeforeItIsIntended, sdk::Crash::kAfterItIsIntended,
                                sdk::Crash::kBeforeItIsRecorded, sdk::Crash::kAfterItIsRecorded}) {
    host_.crash_at(1, side);
    const auto outcome = run(true);
    ASSERT_TRUE(outcome.succeeded()) << outcome;
    EXPECT_TRUE(outcome.output()["completes"].get<bool>());
    EXPECT_EQ(provider_.size(), 1U);
    EXPECT_EQ(host_.runs(), 2U);
    EXPECT_EQ(host_.submissions().back().idempotency_key, host_.task_id() + "-0-1");
    EXPECT_EQ(host_.placeholders().at(0).status, "succeeded");
  }
}

TEST_F(FakeHostRemote, WithoutFindTheTaskStandsUntilAnOperatorSays) {
  host_.crash_at(1, sdk::Crash::kBeforeItIsRecorded);
  const auto stands = run(false);
  EXPECT_EQ(stands.waiting_for(),
            "remote 'coze': An earlier attempt ended while it handed the job over");
  EXPECT_EQ(host_.placeholders().at(0).status, "unknown");
  EXPECT_EQ(go_on(), stands) << "nobody has said anything";
  host_.resolve_remote(sdk::Submitted{"job-7"});
  EXPECT_EQ(go_on().output()["execute_id"], "job-7");
  EXPECT_EQ(host_.placeholders().at(0).execute_id, "job-7");
  EXPECT_EQ(provider_.size(), 1U);
}

TEST_F(FakeHostRemote, WhatWasNotSubmittedIsHandedOverUnderTheSameKey) {
  host_.crash_at(1, sdk::Crash::kAfterItIsIntended);
  host_.resolve_remote(sdk::NotSubmitted{});
  const auto outcome = run(false);
  ASSERT_TRUE(outcome.succeeded()) << outcome;
  EXPECT_EQ(provider_, std::vector<std::string>{"task_1-0-1"});
  EXPECT_EQ(host_.placeholders().size(), 1U);
}

TEST_F(FakeHostRemote, AJobThatHasFailedEndsTheTask) {
  host_.crash_at(1, sdk::Crash::kAfterItIsIntended);
  host_.resolve_remote(sdk::Failed{"no credit"});
  const auto outcome = run(false);
  EXPECT_EQ(outcome.failure_code(), "remote_failed");
  EXPECT_EQ(outcome.failure_message(),
            "Whoever looked at coze says that the job failed: no credit");
  EXPECT_FALSE(outcome.retryable());
  EXPECT_EQ(host_.placeholders().at(0).status, "failed");
}

TEST_F(FakeHostRemote, AnOperatorFindsWhatACrashHasKeptFromTheRecord) {
  host_.resolve_crashed_remotes();
  for (const sdk::Crash side : {sdk::Crash::kAfterItIsIntended, sdk::Crash::kBeforeItIsRecorded}) {
    host_.crash_at(1, side);
    EXPECT_TRUE(run(false).succeeded());
    EXPECT_EQ(provider_.size(), 1U);
  }
}

TEST_F(FakeHostRemote, APlaceholderWithoutContentFailsWithItsTask) {
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    const auto job = task.remote({.provider = "coze", .resource = {{"clip.mp4", "video/mp4"}}},
                                 [](RemoteCall&) { return "job-7"; });
    try {
      task.resource(job.resource_id());
    } catch (const Failure& failure) {
      task.emit("refused", {failure.code(), failure.retryable()});
    }
    return kDone;
  });
  EXPECT_TRUE(host_.run(*testing::scripted_plugin(), "any", kDone).succeeded());
  EXPECT_EQ(host_.emitted("refused").at(0), json({"resource_unavailable", true}));
  EXPECT_EQ(host_.placeholders().at(0).status, "failed");
}

TEST_F(FakeHostRemote, ACancelTellsTheProviderOfATaskThatPollsAndNotOfOneThatSleeps) {
  for (const bool polls : {true, false}) {
    testing::set_behaviour("any", [&](TaskContext& task) -> json {
      task.remote({.provider = "coze"}, [](RemoteCall&) { return "job-7"; });
      if (!polls) task.sleep("rest", 1h);
      return task.poll("done", {.every = 1h}, [] { return std::optional<json>(); });
    });
    testing::set_cancel([](RemoteCancel& job) { job.log("info", job.execute_id()); });
    host_.at(host_.now() + 1min, [this] { host_.cancel(); });
    EXPECT_TRUE(host_.run(*testing::scripted_plugin(), "any", kDone).canceled());
    EXPECT_EQ(host_.canceled_jobs().size(), polls ? 1U : 0U);
    if (polls) {
      EXPECT_EQ(host_.logs().at(0).text, "job-7");
    }
  }
  testing::set_cancel({});
}

TEST_F(FakeHostRemote, ATaskThatStandsIsCanceledWhereItStands) {
  host_.crash_at(1, sdk::Crash::kBeforeItIsRecorded);
  EXPECT_TRUE(run(false).suspended());
  host_.cancel();
  EXPECT_TRUE(go_on().canceled());
  EXPECT_EQ(host_.runs(), 2U);
}

TEST_F(FakeHostRemote, ATaskMakesAtMostAHundredRemoteCalls) {
  testing::set_behaviour("any", [](TaskContext& task) -> json {
    for (;;) task.remote({.provider = "coze"}, [](RemoteCall&) { return "job-7"; });
  });
  const auto outcome = host_.run(*testing::scripted_plugin(), "any", kDone);
  EXPECT_EQ(outcome.failure_code(), "too_many_remote_calls");
  EXPECT_EQ(host_.submissions().size(), sdk::kRemoteCallsMax);
}

TEST_F(FakeHostRemote, AnOlderTableHasNoneOfIt) {
  host_.set_table_bytes(offsetof(runledger_host, remote_begin));
  EXPECT_EQ(run(true).failure_code(), "host_too_old");
}

// Of executors of which only some survive.
class FakeHostSurvival : public sdk::PluginTest {
 protected:
  const runledger_plugin& plugin() override { return *testing::scripted_plugin(); }
  static void set_find(std::function<std::optional<std::string>(std::string_view)> find) {
    testing::set_behaviour("any", [find = std::move(find)](TaskContext& task) -> json {
      const auto job = task.remote({.provider = "coze", .find = find}, [](RemoteCall& call) {
        return "job of " + call.idempotency_key();
      });
      return {{"id", job.execute_id()}};
    });
  }
};

TEST_F(FakeHostSurvival, WhoFindsWhatItHandedOverSurvives) {
  std::size_t asked = 0;
  set_find([&](std::string_view key) -> std::optional<std::string> {
    ++asked;
    const auto& said = host.submissions();
    return said.empty() ? std::nullopt : std::optional("job of " + std::string(key));
  });
  expect_survives_crashes("any", kDone);
  EXPECT_EQ(asked, 2U);
}

TEST_F(FakeHostSurvival, WhoLeavesItToAPersonSurvives) {
  set_find({});
  expect_survives_crashes("any", kDone);
}

TEST_F(FakeHostSurvival, WhoFindsNothingHandsAJobOverTwice) {
  set_find([](std::string_view) { return std::optional<std::string>(); });
  EXPECT_NONFATAL_FAILURE(expect_survives_crashes("any", kDone), "coze was given a job twice");
}

}  // namespace
}  // namespace runledger::core::worker
