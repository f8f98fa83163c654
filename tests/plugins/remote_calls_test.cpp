// What an executor gets from remote(), through the SDK and the C table: who is asked what, and when
// a job is handed over.
#include <gmock/gmock.h>

#include "core/worker/durable_calls.h"
#include "core/worker/host_calls.h"
#include "core/worker/plugin.h"
#include "core/worker/remote_memo.h"
#include "tests/plugins/executors.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Find = std::function<std::optional<std::string>(std::string_view)>;

// Answers as a server does that has given the task the key "key-1".
class AnsweringLink final : public TaskLink {
 public:
  Delivery report(protocol::ReportBody) override { return Delivery::kTaken; }
  std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) override {
    if (gone) return std::nullopt;
    said.push_back(body);
    if (std::holds_alternative<protocol::RemoteIntentReport>(body)) {
      return protocol::Acknowledgement{1, "", ended ? "" : "key-1"};
    }
    return protocol::Acknowledgement{1, "res_1", ""};
  }
  StoredArtifact store(protocol::ResourceReport, std::span<const std::byte>) override { return {}; }
  bool stop_requested() const override { return gone || ended; }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& body : said) {
      if (const auto* intent = std::get_if<protocol::RemoteIntentReport>(&body)) {
        all.emplace_back(intent->found_nothing ? "intended again" : "intended");
      } else if (const auto* job = std::get_if<protocol::RemoteSubmittedReport>(&body)) {
        all.push_back((job->found ? "found " : "submitted ") + job->execute_id);
      } else if (const auto* failed = std::get_if<protocol::RemoteFailedReport>(&body)) {
        all.push_back("failed " + failed->code);
      } else {
        all.emplace_back("something else");
      }
    }
    return all;
  }

  std::vector<protocol::ReportBody> said;
  bool gone = false;
  bool ended = false;  // the task, meanwhile
};

class RemoteCallsTest : public ::testing::Test {
 protected:
  protocol::ReportBody run(testing::Behaviour behaviour) {
    testing::set_behaviour("remote", std::move(behaviour));
    testing::FakeOutside outside;
    HostCalls calls(task, link, outside);
    const auto* plugin = testing::scripted_plugin();
    void* instance = nullptr;
    plugin->create(&instance, nullptr, 0);
    const auto returned = plugin->execute(instance, &calls.table());
    plugin->destroy(instance);
    return calls.outcome(returned);
  }
  // An executor that makes one call and gives what it got.
  testing::Behaviour submitting(std::function<std::string(RemoteCall&)> hand_over, Find find = {}) {
    return [this, hand_over = std::move(hand_over), find = std::move(find)](TaskContext& context) {
      const auto job =
          context.remote({.provider = "coze",
                          .find = find,
                          .resource = {{.name = "clip.mp4", .media_type = "video/mp4"}}},
                         [&](RemoteCall& call) {
                           ++handed_over;
                           return hand_over(call);
                         });
      return json{{"execute_id", job.execute_id()},
                  {"key", job.idempotency_key()},
                  {"resource_id", job.resource_id()}};
    };
  }
  testing::Behaviour unknown(Find find = {}) {
    return submitting([](RemoteCall&) -> std::string { throw OutcomeUnknown("It broke off"); },
                      std::move(find));
  }
  static std::string output_of(const protocol::ReportBody& report) {
    return std::get<protocol::SucceededReport>(report).output;
  }
  static std::string doubt_of(const protocol::ReportBody& report) {
    return std::get<protocol::RemoteUnknownReport>(report).message;
  }

  protocol::LeasedTask task = testing::leased("lease_1", "remote");
  AnsweringLink link;
  int handed_over = 0;
};

constexpr const char* kJob = R"({"execute_id":"job-7","key":"key-1","resource_id":"res_1"})";

TEST_F(RemoteCallsTest, AJobIsIntendedHandedOverWithTheKeyAndSubmitted) {
  const auto executor = submitting([](RemoteCall& call) {
    EXPECT_EQ(call.idempotency_key(), "key-1");
    return "job-7";
  });
  EXPECT_EQ(output_of(run(executor)), kJob);
  EXPECT_THAT(link.names(), ElementsAre("intended", "submitted job-7"));
  const auto& intent = std::get<protocol::RemoteIntentReport>(link.said[0]);
  EXPECT_EQ(intent.provider, "coze");
  EXPECT_EQ(intent.resource_name, "clip.mp4");
  EXPECT_EQ(intent.resource_media_type, "video/mp4");
  task.memos = {remote_memo({"coze", "key-1", "job-7", "res_1"})};
  EXPECT_EQ(output_of(run(executor)), kJob) << "what is recorded is not done again";
  EXPECT_EQ(handed_over, 1);
  EXPECT_EQ(link.said.size(), 2u);
}

TEST_F(RemoteCallsTest, EachCallOfATaskHasItsOrdinal) {
  task.memos = {remote_memo({"coze", "key-0", "job-0", ""}), {"step", "s", "1"}};
  run([](TaskContext& context) {
    context.remote({.provider = "coze"}, [](RemoteCall&) { return "x"; });
    context.step("s", [] {});
    context.remote({.provider = "openai"}, [](RemoteCall&) { return "y"; });
    return json::object();
  });
  EXPECT_EQ(std::get<protocol::RemoteIntentReport>(link.said.at(0)).ordinal, 2u);
  EXPECT_EQ(std::get<protocol::RemoteSubmittedReport>(link.said.at(1)).ordinal, 2u);
}

TEST_F(RemoteCallsTest, AFailureSaysThatTheProviderDoesNotHaveIt) {
  const auto report = run(submitting(
      [](RemoteCall&) -> std::string { throw Failure("quota", "No more today", true); }));
  EXPECT_EQ(std::get<protocol::FailedReport>(report).code, "quota");
  EXPECT_THAT(link.names(), ElementsAre("intended", "failed quota"));
}

TEST_F(RemoteCallsTest, WithoutFindAnUnknownOutcomeIsForAPerson) {
  EXPECT_EQ(doubt_of(run(unknown())), "It broke off");
  EXPECT_EQ(doubt_of(run(submitting([](RemoteCall&) -> std::string {
              throw std::runtime_error("bad JSON in the answer");
            }))),
            "bad JSON in the answer")
      << "only a Failure says that it was not submitted";
  EXPECT_THAT(link.names(), ElementsAre("intended", "intended"));
}

TEST_F(RemoteCallsTest, WhatTheHostRefusesInTheMiddleIsNoWordOfTheProvider) {
  const auto report = run([](TaskContext& context) -> json {
    context.remote({.provider = "coze"}, [&](RemoteCall&) -> std::string {
      context.progress(1000);  // after the request
      return "job-7";
    });
    return json::object();
  });
  EXPECT_THAT(doubt_of(report), HasSubstr("progress from 0 to 100"));
}

TEST_F(RemoteCallsTest, FindTellsWhatBecameOfAnUnknownOutcome) {
  EXPECT_EQ(output_of(run(unknown([](std::string_view key) {
              EXPECT_EQ(key, "key-1");
              return std::optional<std::string>("job-7");
            }))),
            kJob);
  EXPECT_THAT(link.names(), ElementsAre("intended", "found job-7"));
  EXPECT_EQ(handed_over, 1);
}

TEST_F(RemoteCallsTest, WhatIsNotFoundIsHandedOverOnceMoreAndThenIsForAPerson) {
  const Find nothing = [](std::string_view) {
    return std::optional<std::string>();
  };
  EXPECT_EQ(doubt_of(run(unknown(nothing))), "It broke off");
  EXPECT_THAT(link.names(), ElementsAre("intended", "intended again"));
  EXPECT_EQ(handed_over, 2);
}

TEST_F(RemoteCallsTest, WhoComesAfterACrashLooksBeforeAnythingElse) {
  task.pending_remote = protocol::PendingRemote{"coze", "key-1"};
  const auto hand_over = [](RemoteCall&) {
    return "job-8";
  };
  EXPECT_THAT(doubt_of(run(submitting(hand_over))), HasSubstr("earlier attempt"));
  EXPECT_EQ(handed_over, 0);
  const auto found =
      submitting(hand_over, [](std::string_view) { return std::optional<std::string>("job-7"); });
  EXPECT_EQ(output_of(run(found)), kJob);
  EXPECT_EQ(handed_over, 0);
  run(submitting(hand_over, [](std::string_view) { return std::optional<std::string>(); }));
  EXPECT_EQ(handed_over, 1);
  EXPECT_THAT(link.names(), ElementsAre("found job-7", "intended again", "submitted job-8"));
}

TEST_F(RemoteCallsTest, AFindThatFailsLeavesTheJobAsItIs) {
  task.pending_remote = protocol::PendingRemote{"coze", "key-1"};
  const auto report = run(unknown([](std::string_view) -> std::optional<std::string> {
    throw Failure("coze_unreachable", "No route", true);
  }));
  EXPECT_EQ(std::get<protocol::FailedReport>(report).code, "coze_unreachable");
  EXPECT_TRUE(link.said.empty());
}

TEST_F(RemoteCallsTest, AnExecutorHasToComeBackToAJobOfWhichNobodyKnows) {
  task.pending_remote = protocol::PendingRemote{"coze", "key-1"};
  const auto left_out = run([](TaskContext&) { return json::object(); });
  EXPECT_EQ(std::get<protocol::FailedReport>(left_out).code, "executor_not_deterministic");
  const auto other = run([](TaskContext& context) {
    context.remote({.provider = "openai"}, [](RemoteCall&) { return "x"; });
    return json::object();
  });
  EXPECT_THAT(std::get<protocol::FailedReport>(other).message,
              HasSubstr("remote 'coze' before, and now the executor asks for remote 'openai'"));
}

TEST_F(RemoteCallsTest, AnIntentThatDoesNotHoldHandsNothingOver) {
  link.ended = true;
  const auto executor = submitting([](RemoteCall&) { return "job-7"; });
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(run(executor)));
  link.gone = true;
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(run(executor)));
  EXPECT_EQ(handed_over, 0);
}

TEST_F(RemoteCallsTest, AnExecuteIdThatCannotBeKeptIsUnknownAndNotTriedAgain) {
  for (const std::string& id : {std::string(), std::string(257, 'x'), std::string("a\nb")}) {
    EXPECT_THAT(doubt_of(run(submitting([&](RemoteCall&) { return id; }))),
                HasSubstr("execute_id"));
  }
  EXPECT_EQ(handed_over, 3);
}

TEST_F(RemoteCallsTest, AProviderHasAName) {
  for (const char* name : {"", "Coze", "a b", "-x"}) {
    const auto report = run([&](TaskContext& context) {
      context.remote({.provider = name}, [](RemoteCall&) { return "x"; });
      return json::object();
    });
    EXPECT_EQ(std::get<protocol::FailedReport>(report).code, "remote_invalid") << name;
  }
}

TEST_F(RemoteCallsTest, APluginOfAnOlderBuildIsTakenAndHasNothingToCancel) {
  runledger_plugin old = *testing::scripted_plugin();
  EXPECT_TRUE(can_cancel_remote(old));
  old.size = offsetof(runledger_plugin, cancel_remote);
  EXPECT_EQ(descriptor_problem(old), "");
  EXPECT_FALSE(can_cancel_remote(old));
}

TEST_F(RemoteCallsTest, AnOlderWorkerIsNamedAsTheReason) {
  testing::FakeOutside outside;
  HostCalls calls(task, link, outside);
  runledger_host old = calls.table();
  old.size = offsetof(runledger_host, remote_begin);
  TaskContext context(old);
  try {
    context.remote({.provider = "coze"}, [](RemoteCall&) { return "x"; });
    ADD_FAILURE() << "an older worker has taken it";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "host_too_old");
  }
}

}  // namespace
}  // namespace runledger::core::worker
