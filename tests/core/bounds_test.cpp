// Named limits, and what is said when they are reached.
#include <gmock/gmock.h>

#include <map>

#include "core/domain/event_codec.h"
#include "core/domain/fire_schedule.h"
#include "core/engine/fact_limit.h"
#include "eventlog/record.h"
#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::HasSubstr;
using namespace runledger::core::testing;

// --- the size of an event ---

TEST(EventLimit, CutsAnErrorThatOnlyJustFittedWhereItComesFrom) {
  WorkflowHarness core;
  core.as_user(DefineWorkflow{
      "low", "", {R"({"steps":[{"id":"s","task":"a","input":{},"on_error":"fail"}]})"}});
  const std::string run_id =
      core.start(R"({"steps":[{"id":"call","workflow":"low","on_error":"fail","input":{}}]})");
  const auto grant = core.lease_all().at(0);
  Error error{"boom", "", false};
  const std::size_t rest = encode_payload(TaskFailed{grant.task_id, 1, error}).size();
  error.message.assign(eventlog::kPayloadBytesMax - rest, 'x');
  EXPECT_TRUE(was_taken(core.as_worker(FailTask{lease_of(grant), error, 0})));
  EXPECT_EQ(core.fatal, "");
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kFailed);
  EXPECT_EQ(run->error->code, "boom");
  EXPECT_LT(run->error->message.size(), 10'000u);
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(EventLimit, IsKeptByWhateverFollows) {
  constexpr std::size_t kBytes = 300;
  const JsonText big{"\"" + std::string(400, 'x') + "\""};
  const auto plan = std::make_shared<const RunPlan>(RunPlan{single_task_spec("a", big), {}, {}});
  RunCreated scheduled;
  scheduled.run_id = "run_3";
  scheduled.plan = plan;
  std::vector<NewFact> facts;
  const auto add = [&](EventBody body) {
    facts.push_back({"run_1", "acme", "alice", std::move(body)});
  };
  add(TaskReady{"task_1", big});
  add(TaskSucceeded{"task_2", 0, {"{}"}});
  add(RunSucceeded{big});
  add(TaskFailed{"task_3", 1, {"boom", std::string(5000, 'y'), false}});
  add(scheduled);
  add(ScheduleFired{"sched_1", 5, "run_3", "", 6});
  const auto encoded = encode_within(kBytes, std::move(facts));
  ASSERT_EQ(encoded.size(), 5u);
  EXPECT_EQ(std::get<TaskFailed>(encoded[0].fact.body).error.code, "event_too_large");
  EXPECT_EQ(std::get<TaskSucceeded>(encoded[1].fact.body).task_id, "task_2");
  EXPECT_EQ(std::get<RunFailed>(encoded[2].fact.body).error.code, "event_too_large");
  EXPECT_EQ(std::get<TaskFailed>(encoded[3].fact.body).error.code, "boom");
  EXPECT_LT(encoded[3].payload.size(), 5000u);
  const auto& fired = std::get<ScheduleFired>(encoded[4].fact.body);
  EXPECT_EQ(fired.run_id, "");
  EXPECT_EQ(fired.skipped, "event_too_large");
}

// --- inputs of sub-workflows ---

TEST(SubWorkflowInput, IsNotStartedWithAnInputThatItDoesNotTake) {
  WorkflowHarness core;
  core.as_user(DefineWorkflow{"low", "", {R"({"input_schema":{"type":"object","required":["b"],
      "properties":{"n":{"type":"integer"}}},"steps":[{"id":"s","task":"a","input":{}}]})"}});
  const std::string run_id = core.start(
      R"({"steps":[{"id":"call","workflow":"low","on_error":"fail","approval":{},
          "input":{"n":"${run.input.x}"}}]})",
      R"({"x":"no"})");
  const auto error = core.task(run_id, "call").error;
  ASSERT_TRUE(error) << "and nobody was asked to approve it";
  EXPECT_EQ(error->code, "input_invalid");
  EXPECT_THAT(error->message, HasSubstr("'/n'"));
  EXPECT_THAT(error->message, HasSubstr("b"));
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
}

TEST(SubWorkflowInput, IsStartedWithAnInputThatItTakes) {
  WorkflowHarness core;
  core.as_user(DefineWorkflow{"low", "", {R"({"input_schema":{"type":"object","required":["n"]},
      "steps":[{"id":"s","task":"a","input":{}}]})"}});
  const std::string run_id =
      core.start(R"({"steps":[{"id":"call","workflow":"low","input":{"n":1}}]})");
  core.work();
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

// --- schedules ---

class ScheduleBoundsTest : public ::testing::Test {
 protected:
  ScheduleBoundsTest() {
    core_.as_user(DefineWorkflow{"w", "", {R"({"steps":[{"id":"s","task":"a","input":{}}]})"}});
  }
  Outcome define(const std::string& id, CatchUp catch_up = CatchUp::kOne) {
    return core_.as_user(DefineSchedule{
        {id, "w", {"{}"}, {"{}"}, "* * * * *", "UTC", catch_up, core_.clock.now_us() + 1'000'000}});
  }
  std::vector<ScheduleFired> fired() {
    std::vector<ScheduleFired> all;
    core_.storage->log().read_stream(
        std::string(kSchedulesStream), 0, [&](const eventlog::RecordView& record) {
          const Event event = decode_event(record);
          if (const auto* one = std::get_if<ScheduleFired>(&event.body)) all.push_back(*one);
          return true;
        });
    return all;
  }
  WorkflowHarness core_;
};

TEST_F(ScheduleBoundsTest, OneTenantHasSoManyAtTheMost) {
  for (std::size_t i = 0; i < kSchedulesMax; ++i) {
    ASSERT_TRUE(was_taken(define("sched_" + std::to_string(i))));
  }
  EXPECT_EQ(code_of(define("sched_new")), RejectionCode::kInvalid);
  EXPECT_TRUE(was_taken(define("sched_0"))) << "it is there already";
  core_.as_user(DeleteSchedule{"sched_1"});
  EXPECT_TRUE(was_taken(define("sched_new")));
}

TEST_F(ScheduleBoundsTest, OneCommandFiresSoManyAndTheNextOneTheOthers) {
  for (std::size_t i = 0; i <= kDueSchedulesMax; ++i) define("sched_" + std::to_string(i));
  core_.pass_ms(1000);
  EXPECT_EQ(fired().size(), kDueSchedulesMax);
  EXPECT_LE(core_.due, core_.clock.now_us()) << "it is asked again at once";
  core_.pass_ms(0);
  EXPECT_EQ(fired().size(), kDueSchedulesMax + 1);
}

TEST_F(ScheduleBoundsTest, CatchingUpEndsAfterSoManyTimes) {
  define("sched_1", CatchUp::kAll);
  core_.clock.advance_us(std::int64_t{kCatchUpMax + 50} * 60'000'000);
  for (std::uint32_t i = 0; i < kCatchUpMax + 50; ++i) {
    if (i == 10) core_.restart();
    core_.pass_ms(0);
  }
  const auto all = fired();
  ASSERT_EQ(all.size(), kCatchUpMax + 1);
  EXPECT_EQ(all[kCatchUpMax - 1].skipped, "");
  EXPECT_EQ(all[kCatchUpMax].skipped, kCatchUpLimit);
  EXPECT_GT(all[kCatchUpMax].next_us, core_.clock.now_us());
  EXPECT_EQ(core_.rows(), core_.folded());
  core_.clock.advance_us(5 * 60'000'000);
  core_.pass_ms(0);
  EXPECT_EQ(fired().back().skipped, "") << "the next time it catches up again";
}

// --- the watchdog ---

TEST(Watchdog, DoesNotSpeakBeforeAKnownTimeHasPassed) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[{"id":"one","task":"a"}]})");
  constexpr std::int64_t kThreeDaysUs = 3ll * 24 * 3600 * 1'000'000;
  const std::int64_t due_us = core.clock.now_us() + kThreeDaysUs;
  core.as_worker(Sleep{lease_of(core.lease_one_of(run_id)), "later", kThreeDaysUs / 1000});
  EXPECT_EQ(core.due, due_us);
  core.pass_to_due();
  for (const std::string& type : core.types_of(run_id)) EXPECT_NE(type, "run.overdue");
  core.pass_to_due();
  EXPECT_EQ(core.types_of(run_id).back(), "run.overdue") << "no worker has taken it for a day";
}

TEST(Watchdog, SpeaksOfWhatHasNoEndBesideATimer) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"steps":[{"id":"one","task":"a","needs":[]},{"id":"two","task":"b","needs":[]}]})");
  const auto grants = core.lease_all();
  core.as_worker(Sleep{lease_of(grants.at(0)), "later", 3ull * 24 * 3600 * 1000});
  core.pass_to_due();
  std::string said;
  core.storage->log().read_stream(run_id, 0, [&](const eventlog::RecordView& record) {
    said = record.payload;
    return true;
  });
  EXPECT_THAT(said, HasSubstr(R"("reason":"execution")"));
  EXPECT_THAT(said, HasSubstr(grants.at(1).task_id));
}

TEST(Watchdog, SwitchedOffLeavesOtherDeadlinesAlone) {
  WorkflowHarness core;
  core.policy.overdue_after_ms = 0;
  core.restart();
  const std::string endless = core.submit();
  EXPECT_EQ(core.why(endless).at(0).until_us, 0);
  const std::string limited =
      core.start(R"({"timeout_ms":5000,"steps":[{"id":"one","task":"a"}]})");
  EXPECT_EQ(core.why(limited).at(0).until_us, core.clock.now_us() + 5'000'000);
  core.pass_ms(10ll * 24 * 3600 * 1000);
  EXPECT_EQ(core.types_of(endless).back(), "task.ready");
  EXPECT_EQ(core.stored(limited)->status, RunStatus::kFailed);
}

TEST(Watchdog, OfARunBelowSpeaksForTheOneAbove) {
  WorkflowHarness core;
  core.as_user(DefineWorkflow{"low", "", {R"({"steps":[{"id":"s","task":"a","input":{}}]})"}});
  const std::string above = core.start(R"({"steps":[{"id":"call","workflow":"low","input":{}}]})");
  const std::string below = core.task(above, "call").child_run_id;
  core.pass_to_due();
  EXPECT_EQ(core.types_of(below).back(), "run.overdue");
  EXPECT_EQ(core.types_of(above).back(), "task.child_started");
}

// --- concurrency keys ---

class HeldKeyTest : public ::testing::Test {
 protected:
  Rejection refused_for(const Principal& who) {
    SubmitRun hers = core_.submission();
    hers.concurrency = Concurrency{"ws-1", 1, OnConflict::kReject};
    holder_ = hers.run_id;
    const auto accepted = core_.as_user(std::move(hers));
    offset_ = std::get<RunAccepted>(std::get<CommandReply>(accepted)).offset;
    core_.clock.advance_us(5'000'000);
    SubmitRun next = core_.submission();
    next.concurrency = Concurrency{"ws-1", 1, OnConflict::kReject};
    return std::get<Rejection>(core_.run(core_.commands.from_user(who, std::move(next))));
  }
  WorkflowHarness core_;
  std::string holder_;
  std::uint64_t offset_ = 0;
};

TEST_F(HeldKeyTest, SaysWhoHasItSinceWhenAndWhere) {
  const Rejection refused = refused_for(user("acme", "alice"));
  ASSERT_TRUE(refused.winner);
  EXPECT_EQ(refused.winner->run_id, holder_);
  EXPECT_EQ(refused.winner->by, "user:alice");
  EXPECT_EQ(refused.winner->time_us, core_.clock.now_us() - 5'000'000);
  EXPECT_EQ(refused.winner->offset, offset_);
}

TEST_F(HeldKeyTest, NamesNoRunThatTheCallerMayNotSee) {
  const Rejection refused = refused_for(user("acme", "bob"));
  EXPECT_EQ(refused.code, RejectionCode::kConflict);
  EXPECT_FALSE(refused.winner);
  EXPECT_EQ(refused.reason.find(holder_), std::string::npos) << refused.reason;
}

// --- how much one command may go over ---

std::string input_of(std::size_t bytes) {
  return R"({"s":")" + std::string(bytes, 'x') + "\"}";
}

TEST(ReferenceLimit, EndsItemsThatAreTooLargeTogether) {
  WorkflowHarness core;
  std::string items = "0";
  for (int i = 1; i < 1000; ++i) items += ",0";
  const std::string run_id = core.start(
      R"({"steps":[{"id":"all","task":"a","for_each":{"items":[)" + items +
          R"(]},"on_error":"continue","input":{"a":"${run.input.s}","b":"${run.input.s}"}}]})",
      input_of(1'000'000));
  std::map<std::string, int> codes;
  const auto run = core.stored(run_id);
  for (const TaskState& task : run->tasks) {
    if (task.item_index && task.error) ++codes[task.error->code];
  }
  EXPECT_GT(codes["inputs_too_large"], 5);
  EXPECT_GT(codes["references_too_large"], 900);
}

TEST(ReferenceLimit, EndsConditionsThatCompareTooMuch) {
  WorkflowHarness core;
  std::string terms = R"({"eq":["${run.input.s}","${run.input.s}"]})";
  for (int i = 1; i < 99; ++i) terms += R"(,{"eq":["${run.input.s}","${run.input.s}"]})";
  const std::string run_id = core.start(
      R"({"steps":[{"id":"one","task":"a","on_error":"fail","when":{"and":[)" + terms + "]}}]}",
      input_of(1'000'000));
  const auto run = core.stored(run_id);
  ASSERT_EQ(run->status, RunStatus::kFailed);
  EXPECT_THAT(run->error->message, HasSubstr("without going over more than 33554432 bytes"));
}

TEST(ReferenceLimit, IsNotReachedByALongChainThatRefersToALargeInput) {
  WorkflowHarness core;
  std::string steps;
  for (int i = 0; i < 200; ++i) {
    steps += std::string(i == 0 ? "" : ",") + R"({"id":"s)" + std::to_string(i) +
             R"(","task":"a","when":{"eq":["${run.input.n}",1]}})";
  }
  const std::string run_id = core.start(R"({"steps":[)" + steps + "]}",
                                        R"({"n":0,"s":")" + std::string(2'000'000, 'x') + "\"}");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

}  // namespace
}  // namespace runledger::core
