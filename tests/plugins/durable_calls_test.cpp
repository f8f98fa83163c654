// What an executor gets from its durable calls, through the SDK and the C table.
#include "core/worker/durable_calls.h"

#include <gmock/gmock.h>

#include <thread>

#include "core/worker/host_calls.h"
#include "tests/plugins/executors.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
using protocol::TaskMemo;

// Records what it is asked to, or refuses everything.
class RecordingLink final : public TaskLink {
 public:
  Delivery report(protocol::ReportBody body) override {
    reported.push_back(std::move(body));
    return Delivery::kTaken;
  }
  std::optional<protocol::Acknowledgement> ask(protocol::ReportBody body) override {
    if (gone) return std::nullopt;
    recorded.push_back(std::get<protocol::StepReport>(std::move(body)));
    return protocol::Acknowledgement{1, ""};
  }
  StoredArtifact store(protocol::ResourceReport, std::span<const std::byte>) override { return {}; }
  bool stop_requested() const override { return gone; }

  std::vector<protocol::ReportBody> reported;
  std::vector<protocol::StepReport> recorded;
  bool gone = false;
};

class DurableCallsTest : public ::testing::Test {
 protected:
  // Runs an executor once, given what was recorded, and gives its final report.
  protocol::ReportBody run(testing::Behaviour behaviour) {
    testing::set_behaviour("durable", std::move(behaviour));
    testing::FakeOutside outside;
    HostCalls calls(task, link, outside);
    const auto* plugin = testing::scripted_plugin();
    void* instance = nullptr;
    plugin->create(&instance, nullptr, 0);
    const auto returned = plugin->execute(instance, &calls.table());
    plugin->destroy(instance);
    return calls.outcome(returned);
  }
  template <typename Report>
  Report run_to(testing::Behaviour behaviour) {
    auto report = run(std::move(behaviour));
    if (const auto* failed = std::get_if<protocol::FailedReport>(&report)) {
      if constexpr (!std::is_same_v<Report, protocol::FailedReport>) {
        throw std::runtime_error(failed->code + ": " + failed->message);
      }
    }
    return std::get<Report>(std::move(report));
  }
  void take_over() {  // what was recorded is known to the next run
    for (const auto& step : link.recorded) {
      task.memos.push_back({step.poll ? "poll" : "step", step.name, step.result});
    }
    link.recorded.clear();
  }

  protocol::LeasedTask task = testing::leased("lease_1", "durable");
  RecordingLink link;
  int done = 0;
};

TEST_F(DurableCallsTest, AStepIsDoneOnceAndReturnsWhatIsRecorded) {
  const auto executor = [this](TaskContext& context) {
    const json job = context.step("submit", [&] {
      ++done;
      return json{{"id", done}};
    });
    return json{{"job", job["id"]}};
  };
  EXPECT_EQ(run_to<protocol::SucceededReport>(executor).output, R"({"job":1})");
  ASSERT_EQ(link.recorded.size(), 1u);
  EXPECT_EQ(link.recorded[0].name, "submit");
  EXPECT_EQ(link.recorded[0].result, R"({"id":1})");
  take_over();
  EXPECT_EQ(run_to<protocol::SucceededReport>(executor).output, R"({"job":1})");
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(link.recorded.empty());
}

TEST_F(DurableCallsTest, AStepOfNothingIsRecordedAsNull) {
  run([](TaskContext& context) {
    context.step("tidy", [] {});
    return json::object();
  });
  EXPECT_EQ(link.recorded.at(0).result, "null");
}

TEST_F(DurableCallsTest, AStepThatCannotBeRecordedStopsTheTask) {
  link.gone = true;
  const auto report = run([](TaskContext& context) {
    context.step("submit", [] { return 1; });
    return json::object();
  });
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(report));
}

TEST_F(DurableCallsTest, AStepThatThrowsIsNotRecordedAndMayBeTriedAgainUnderItsName) {
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    return context.step("submit", []() -> json { throw Failure("busy", "later", true, 2s); });
  });
  EXPECT_EQ(failed.code, "busy");
  EXPECT_EQ(failed.retry_after_ms, 2000u);
  EXPECT_TRUE(link.recorded.empty());
  const auto twice = [this](TaskContext& context) -> json {
    for (;;) {
      try {
        context.step("submit", [&] {
          if (++done < 3) throw std::runtime_error("busy");
        });
        return json::object();
      } catch (const std::runtime_error&) {
      }
    }
  };
  run_to<protocol::SucceededReport>(twice);
  EXPECT_EQ(done, 3);
}

TEST_F(DurableCallsTest, NoDurableCallIsMadeInsideAnotherOrAfterOneThatFailed) {
  const auto inside = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    return context.step("outer", [&] { return context.step("inner", [] { return 1; }); });
  });
  EXPECT_EQ(inside.code, "step_invalid");
  EXPECT_THAT(inside.message, HasSubstr("step 'outer' to be finished before step 'inner'"));
  const auto after = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    try {
      context.step("first", []() -> json { throw std::runtime_error("no"); });
    } catch (const std::runtime_error&) {
    }
    context.sleep("second", 1s);
    return json::object();
  });
  EXPECT_THAT(after.message, HasSubstr("step 'first' to be finished before sleep 'second'"));
}

TEST_F(DurableCallsTest, ResultsHaveALimit) {
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    return context.step("large", [] { return std::string(256 * 1024, 'x'); });
  });
  EXPECT_EQ(failed.code, "step_too_large");
}

TEST_F(DurableCallsTest, ASleepUnwindsUntilItIsRecorded) {
  const auto executor = [this](TaskContext& context) {
    context.sleep("cool down", 3s);
    ++done;
    return json::object();
  };
  const auto sleep = run_to<protocol::SleepReport>(executor);
  EXPECT_EQ(sleep.name, "cool down");
  EXPECT_EQ(sleep.delay_ms, 3000u);
  EXPECT_EQ(done, 0);
  task.memos = {{"sleep", "cool down", "null"}};
  run_to<protocol::SucceededReport>(executor);
  EXPECT_EQ(done, 1);
}

json poll_for_it(TaskContext& context, std::optional<json> there) {
  return context.poll("render", {.every = 3s, .timeout = 20s}, [&] { return there; });
}

TEST_F(DurableCallsTest, APollWithoutNewsUnwinds) {
  const auto wait = run_to<protocol::PollWaitReport>(
      [](TaskContext& context) { return poll_for_it(context, {}); });
  EXPECT_EQ(wait.name, "render");
  EXPECT_EQ(wait.every_ms, 3000u);
  EXPECT_EQ(wait.timeout_ms, 20'000u);
}

TEST_F(DurableCallsTest, APollThatFindsSomethingAtOnceGoesOn) {
  run_to<protocol::SucceededReport>([](TaskContext& context) {
    return poll_for_it(context, json{{"url", "u"}});
  });
  EXPECT_TRUE(link.recorded.at(0).poll);
  EXPECT_FALSE(link.recorded.at(0).release);
}

TEST_F(DurableCallsTest, ALookThatFindsSomethingGivesTheLeaseBack) {
  task.pending_poll = protocol::PendingPoll{"render", 3000, true};
  const auto found = run_to<protocol::StepReport>([this](TaskContext& context) {
    const json url = poll_for_it(context, json{{"url", "u"}});
    ++done;
    return url;
  });
  EXPECT_EQ(done, 0);
  EXPECT_TRUE(found.poll);
  EXPECT_TRUE(found.release);
  EXPECT_EQ(found.result, R"({"url":"u"})");
}

TEST_F(DurableCallsTest, APollTimesOutByTheTimeThatWasWaitedEverywhere) {
  task.pending_poll = protocol::PendingPoll{"render", 19'000, false};
  const auto wait = run_to<protocol::PollWaitReport>(
      [](TaskContext& context) { return poll_for_it(context, {}); });
  EXPECT_GT(wait.every_ms, 0u);
  EXPECT_LE(wait.every_ms, 1000u) << "the last look is at the end of the time";
  task.pending_poll->waited_ms = 20'000;
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    try {
      return poll_for_it(context, {});
    } catch (const Failure& timed_out) {
      EXPECT_EQ(timed_out.code(), "poll_timed_out");
      EXPECT_THROW(context.sleep(1s), Failure) << "it is the end of the attempt";
      throw;
    }
  });
  EXPECT_EQ(failed.code, "poll_timed_out");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(DurableCallsTest, ThePauseBetweenLooksGrows) {
  const auto every = [&](std::uint64_t waited_ms) {
    task.pending_poll = protocol::PendingPoll{"render", waited_ms, true};
    DurableCalls calls(task, [](const protocol::ReportBody&) { return true; }, {});
    calls.poll_begin("render", nullptr);
    calls.poll_wait({"render", 1000, 0, 2, 10'000}, {});
    return std::get<protocol::PollWaitReport>(*calls.outcome(RUNLEDGER_SUSPENDED)).every_ms;
  };
  EXPECT_EQ(every(0), 1000u);
  EXPECT_EQ(every(1000), 2000u);
  EXPECT_EQ(every(3000), 4000u);
  EXPECT_EQ(every(15'000), 10'000u);
}

TEST_F(DurableCallsTest, AReviewUnwindsAndGivesTheVerdict) {
  const auto executor = [](TaskContext& context) {
    const Verdict verdict = context.review(
        {.name = "case", .body = json{{"n", 1}}, .validation = "ok", .schema = json::object()});
    return json{{"approved", verdict.approved},
                {"body", verdict.body},
                {"by", verdict.by},
                {"corrected", verdict.corrected},
                {"feedback", verdict.feedback}};
  };
  const auto question = run_to<protocol::ReviewReport>(executor);
  EXPECT_EQ(question.name, "case");
  EXPECT_EQ(question.body, R"({"n":1})");
  EXPECT_EQ(question.validation, R"("ok")");
  EXPECT_EQ(question.schema, "{}");
  const std::string verdict =
      R"({"approved":true,"body":{"n":2},"by":"user:rita","corrected":true,"feedback":"fine"})";
  task.memos = {{"review", "case", verdict}};
  EXPECT_EQ(run_to<protocol::SucceededReport>(executor).output, verdict);
}

TEST_F(DurableCallsTest, AnExecutorThatAsksForSomethingElseIsToldWhichCallDiffers) {
  task.memos = {{"step", "submit", "1"}, {"step", "fetch", "2"}};
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    context.step("submit", [] { return 1; });
    try {
      context.sleep("cool down", 1s);
    } catch (const Failure&) {  // it does not help
    }
    return json::object();
  });
  EXPECT_EQ(failed.code, "executor_not_deterministic");
  EXPECT_FALSE(failed.retryable);
  EXPECT_THAT(failed.message, HasSubstr("Durable call 2 was step 'fetch' before, and now the "
                                        "executor asks for sleep 'cool down'"));
}

TEST_F(DurableCallsTest, AnExecutorThatLeavesCallsOutIsToldSo) {
  task.memos = {{"step", "submit", "1"}};
  const auto ended = [](TaskContext&) {
    return json::object();
  };
  EXPECT_THAT(run_to<protocol::FailedReport>(ended).message,
              HasSubstr("Durable call 1 was step 'submit' before, and now the executor has ended "
                        "after 0 durable calls"));
  task.memos.clear();
  task.pending_poll = protocol::PendingPoll{"render", 1, true};
  EXPECT_THAT(run_to<protocol::FailedReport>(ended).message, HasSubstr("poll 'render'"));
  EXPECT_EQ(run_to<protocol::FailedReport>([](TaskContext& context) -> json {
              return context.step("submit", [] { return 1; });
            }).code,
            "executor_not_deterministic");
}

TEST_F(DurableCallsTest, AnExecutorThatKeepsTheUnwindingToItselfFails) {
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    try {
      context.sleep(1s);
    } catch (...) {
    }
    return json::object();
  });
  EXPECT_EQ(failed.code, "wait_swallowed");
  EXPECT_FALSE(failed.retryable);
}

TEST_F(DurableCallsTest, NothingElseIsDoneOnTheWayOut) {
  run([](TaskContext& context) -> json {
    try {
      context.sleep(1s);
    } catch (...) {
      context.progress(50);
    }
    return json::object();
  });
  EXPECT_TRUE(link.reported.empty());
}

TEST_F(DurableCallsTest, AnotherThreadCannotMakeThem) {
  const auto failed = run_to<protocol::FailedReport>([](TaskContext& context) -> json {
    std::exception_ptr thrown;
    std::thread([&] {
      try {
        context.step("submit", [] { return 1; });
      } catch (const Failure&) {
        thrown = std::current_exception();
      }
    }).join();
    std::rethrow_exception(thrown);
  });
  EXPECT_EQ(failed.code, "step_invalid");
  EXPECT_THAT(failed.message, HasSubstr("Only the thread that runs execute"));
}

TEST_F(DurableCallsTest, AnOlderWorkerIsNamedAsTheReason) {
  testing::FakeOutside outside;
  HostCalls calls(task, link, outside);
  runledger_host old = calls.table();
  old.size = offsetof(runledger_host, step_begin);
  TaskContext context(old);
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { context.step("s", [] { return 1; }); }, [&] { context.sleep(1s); },
           [&] { poll_for_it(context, {}); },
           [&] {
             context.review({.name = "r"});
           }}) {
    try {
      call();
      ADD_FAILURE() << "an older worker has taken it";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "host_too_old");
    }
  }
}

TEST_F(DurableCallsTest, AFailureOfAnOlderPluginIsTaken) {
  testing::FakeOutside outside;
  HostCalls calls(task, link, outside);
  runledger_failure old{};
  old.size = offsetof(runledger_failure, retry_after_ms);
  old.code = {"busy", 4};
  old.retry_after_ms = 77;
  calls.table().set_failure(calls.table().ctx, &old);
  const auto failed = std::get<protocol::FailedReport>(calls.outcome(RUNLEDGER_FAILED));
  EXPECT_EQ(failed.code, "busy");
  EXPECT_EQ(failed.retry_after_ms, 0u);
}

}  // namespace
}  // namespace runledger::core::worker
