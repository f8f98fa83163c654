// Runs of several steps: order, references, conditions, groups, failures, sub-workflows.
#include <gmock/gmock.h>

#include "tests/core/workflow_harness.h"

namespace runledger::core {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using namespace runledger::core::testing;

constexpr const char* kSeries = R"({"steps":[
  {"id":"one","task":"a","input":{"title":"${run.input.title}"}},
  {"id":"two","task":"b","input":{"from":"${steps.one.output.n}","all":"${steps.one.output}"}}]})";

TEST(Steps, RunOneAfterTheOtherAndPassOnTheirOutputs) {
  WorkflowHarness core;
  const std::string run_id = core.start(kSeries, R"({"title":"T"})");
  const auto first = core.lease_one_of(run_id);
  EXPECT_EQ(first.input.text, R"({"title":"T"})");
  EXPECT_EQ(core.task(run_id, "two").status, TaskStatus::kBlocked);
  core.succeed(first, R"({"n":7})");
  const auto second = core.lease_one_of(run_id);
  EXPECT_EQ(second.input.text, R"({"from":7,"all":{"n":7}})");
  core.succeed(second, R"({"done":true})");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core.stored(run_id)->output->text, R"({"done":true})");
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(Steps, RunSideBySideWhereTheyNeedNothing) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"left","task":"a","needs":[]},{"id":"right","task":"b","needs":[]},
    {"id":"join","task":"a","needs":["left","right"]}],
    "output":{"join":"${steps.join.output}","left":"${steps.left.status}"}})");
  const auto grants = core.lease_all();
  ASSERT_EQ(grants.size(), 2u);
  core.succeed(grants[0]);
  EXPECT_EQ(core.task(run_id, "join").status, TaskStatus::kBlocked);
  core.succeed(grants[1]);
  core.work(R"({"x":1})");
  EXPECT_EQ(core.stored(run_id)->output->text, R"({"join":{"x":1},"left":"succeeded"})");
}

TEST(Steps, AreSkippedByTheirConditionAndWithWhatTheyNeed) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"one","task":"a"},
    {"id":"maybe","task":"a","when":{"eq":["${steps.one.output.go}",true]}},
    {"id":"after","task":"a"},
    {"id":"end","task":"b","needs":["one","after"]}]})");
  core.succeed(core.lease_one_of(run_id), R"({"go":false})");
  EXPECT_EQ(core.task(run_id, "maybe").status, TaskStatus::kSkipped);
  EXPECT_EQ(core.task(run_id, "after").status, TaskStatus::kSkipped);
  core.work();
  EXPECT_EQ(core.task(run_id, "end").status, TaskStatus::kSucceeded);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

TEST(Steps, ForEachBecomesATaskAnItemAndOneOutput) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"each","task":"a","for_each":{"items":"${run.input.list}","parallel":2},
     "input":{"name":"${item.name}","at":"${index}"}},
    {"id":"sum","task":"b","input":{"all":"${steps.each.output}"}}]})",
                                        R"({"list":[{"name":"x"},{"name":"y"},{"name":"z"}]})");
  auto grants = core.lease_all();
  ASSERT_EQ(grants.size(), 2u) << "two at a time";
  EXPECT_EQ(grants[0].input.text, R"({"name":"x","at":0})");
  core.succeed(grants[1], R"({"v":1})");
  const auto third = core.lease_all();
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].input.text, R"({"name":"z","at":2})");
  core.succeed(grants[0], R"({"v":0})");
  core.succeed(third[0], R"({"v":2})");
  const auto sum = core.lease_one_of(run_id);
  EXPECT_EQ(sum.input.text, R"({"all":[{"v":0},{"v":1},{"v":2}]})");
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(Steps, ForEachOverNothingSucceedsAtOnce) {
  WorkflowHarness core;
  const std::string run_id =
      core.start(R"({"steps":[{"id":"each","task":"a","for_each":{"items":[]},"input":{}}]})");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core.stored(run_id)->output->text, "[]");
}

TEST(Steps, ForEachPassesItemsByThatFailAtOnce) {
  WorkflowHarness core;
  std::string steps;
  for (int i = 0; i < 5; ++i) {
    steps += std::string(i == 0 ? "" : ",") + R"({"id":"s)" + std::to_string(i) +
             R"(","task":"a","needs":[],"on_error":"continue","input":{"x":"${item.none}"},
                "for_each":{"items":"${run.input.all}","parallel":1}})";
  }
  std::string items = "[0";
  for (std::size_t i = 1; i < kForEachItemsMax; ++i) items += ",0";
  const std::string run_id =
      core.start(R"({"steps":[)" + steps + "]}", R"({"all":)" + items + "]}");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_EQ(core.task(run_id, "s0").status, TaskStatus::kSucceeded);
  EXPECT_EQ(core.task(run_id, "s4").error->code, "too_many_tasks");
}

TEST(Steps, FailWhenTheirInputsTogetherAreTooLarge) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"steps":[{"id":"each","task":"a","on_error":"fail","input":{"p":"${run.input.p}"},
          "for_each":{"items":[1,2,3,4,5,6,7,8,9]}}]})",
      R"({"p":")" + std::string(1'000'000, 'x') + "\"}");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.stored(run_id)->error->code, "inputs_too_large");
}

TEST(Steps, ForEachOverWhatIsNoListFails) {
  WorkflowHarness core;
  const std::string run_id = core.start(
      R"({"steps":[{"id":"each","task":"a","on_error":"fail",
          "for_each":{"items":"${run.input.list}"},"input":{}}]})",
      R"({"list":5})");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.stored(run_id)->error->code, "bad_items");
}

TEST(Steps, FailWithABadReference) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"one","task":"a"},
    {"id":"two","task":"a","on_error":"fail","input":{"x":"${steps.one.output.missing}"}}]})");
  core.succeed(core.lease_one_of(run_id));
  const auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kFailed);
  EXPECT_EQ(run->error->code, "bad_reference");
  EXPECT_NE(run->error->message.find("steps.one.output.missing"), std::string::npos);
}

TEST(Steps, PauseTheRunWhenOneFailsAndBeginAnewWhenItIsResumed) {
  WorkflowHarness core;
  const std::string run_id = core.start(kSeries, R"({"title":"T"})");
  core.fail(core.lease_one_of(run_id));
  auto run = core.stored(run_id);
  EXPECT_EQ(run->status, RunStatus::kPaused);
  EXPECT_EQ(run->pause_reason(), PauseReason::kFailure);
  EXPECT_TRUE(core.lease_all().empty());
  EXPECT_EQ(core.why(run_id).at(0).kind, WaitReasonKind::kPausedByFailure);
  EXPECT_TRUE(was_taken(core.as_user(ResumeRun{run_id, run->version})));
  const auto again = core.lease_one_of(run_id);
  EXPECT_EQ(again.attempt, 2u);
  core.succeed(again, R"({"n":1})");
  core.work();
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

TEST(Steps, FailTheRunAtOnceIfTheyAreToldTo) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"one","task":"a","needs":[],"on_error":"fail"},{"id":"other","task":"b","needs":[]}]})");
  const auto grants = core.lease_all();
  ASSERT_EQ(grants.size(), 2u);
  core.fail(grants[0]);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.task(run_id, "other").status, TaskStatus::kCanceled);
  EXPECT_TRUE(core.was_stopped(grants[1].lease_id)) << "the other's worker is told";
  EXPECT_EQ(code_of(core.as_worker(CompleteTask{lease_of(grants[1]), {"{}"}})),
            RejectionCode::kFenced);
}

TEST(Steps, GoOnWithoutAPauseIfTheFailureIsToBeIgnored) {
  WorkflowHarness core;
  const std::string run_id = core.start(R"({"steps":[
    {"id":"one","task":"a","on_error":"continue"},
    {"id":"two","task":"b","input":{"how":"${steps.one.status}"}}]})");
  core.fail(core.lease_one_of(run_id));
  const auto second = core.lease_one_of(run_id);
  EXPECT_EQ(second.input.text, R"({"how":"failed"})");
  core.succeed(second);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  const auto types = core.types_of(run_id);
  EXPECT_EQ(std::count(types.begin(), types.end(), "run.paused"), 0);
}

class SubWorkflow : public ::testing::Test {
 protected:
  SubWorkflow() {
    core_.as_user(DefineWorkflow{
        "inner",
        "",
        {R"({"steps":[{"id":"in","task":"a","on_error":"fail","input":{"x":"${run.input.x}"}}]})"}});
    run_id_ = core_.start(R"({"steps":[
      {"id":"sub","workflow":"inner","input":{"x":5},"on_error":"fail"},
      {"id":"end","task":"b","input":{"got":"${steps.sub.output}"}}]})");
  }
  std::string child() { return core_.task(run_id_, "sub").child_run_id; }
  WorkflowHarness core_;
  std::string run_id_;
};

TEST_F(SubWorkflow, IsARunOfItsOwnWhoseOutputGoesOn) {
  EXPECT_EQ(core_.why(run_id_).at(0).kind, WaitReasonKind::kSubWorkflow);
  const auto inner = core_.lease_one_of(child());
  EXPECT_EQ(inner.input.text, R"({"x":5})");
  EXPECT_EQ(core_.stored(child())->parent->run_id, run_id_);
  core_.succeed(inner, R"({"y":6})");
  EXPECT_EQ(core_.lease_one_of(run_id_).input.text, R"({"got":{"y":6}})");
  EXPECT_EQ(core_.rows(), core_.folded());
}

TEST_F(SubWorkflow, FailsItsStep) {
  core_.fail(core_.lease_one_of(child()));
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kFailed);
  EXPECT_EQ(core_.stored(run_id_)->error->code, "boom");
}

TEST_F(SubWorkflow, IsCanceledWithWhatItBelongsTo) {
  const auto inner = core_.lease_one_of(child());
  core_.as_user(CancelRun{run_id_, {}});
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceling);
  EXPECT_EQ(core_.stored(child())->status, RunStatus::kCanceling);
  core_.as_worker(AcknowledgeCancel{lease_of(inner)});
  EXPECT_EQ(core_.stored(child())->status, RunStatus::kCanceled);
  EXPECT_EQ(core_.stored(run_id_)->status, RunStatus::kCanceled);
}

TEST(SubWorkflows, WithinThemselvesEndAtALimit) {
  WorkflowHarness core;
  core.as_user(DefineWorkflow{
      "loop", "", {R"({"steps":[{"id":"s","workflow":"loop","on_error":"fail"}]})"}});
  const std::string run_id =
      core.start(R"({"steps":[{"id":"s","workflow":"loop","on_error":"fail"}]})");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kFailed);
  EXPECT_EQ(core.stored(run_id)->error->code, "too_deep");
}

TEST(SubWorkflows, ThatMultiplyEndAtALimit) {
  WorkflowHarness core;
  const std::string spec = R"({"steps":[{"id":"s","workflow":"many","on_error":"continue",
                               "for_each":{"items":[1,2,3,4]}}]})";
  core.as_user(DefineWorkflow{"many", "", {spec}});
  const std::string run_id = core.start(spec);
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
  EXPECT_GT(core.stored(run_id)->last_offset, 1000);  // it did multiply
  EXPECT_EQ(core.rows(), core.folded());
}

TEST(SubWorkflows, OfOneStepAreAsManyAsItsItems) {
  WorkflowHarness core;
  core.as_user(
      DefineWorkflow{"leaf", "", {R"({"steps":[{"id":"l","task":"a","when":{"eq":[1,2]}}]})"}});
  std::string items = "[0";
  for (std::size_t i = 1; i < kForEachItemsMax; ++i) items += ",0";
  const std::string run_id = core.start(
      R"({"steps":[{"id":"s","workflow":"leaf","on_error":"fail",
          "for_each":{"items":"${run.input.all}","parallel":1}}]})",
      R"({"all":)" + items + "]}");
  EXPECT_EQ(core.stored(run_id)->status, RunStatus::kSucceeded);
}

TEST(Workflows, CountTheirVersionsAndKnowWhatIsTheSame) {
  WorkflowHarness core;
  const auto define = [&](const std::string& spec) {
    const auto outcome = core.as_user(DefineWorkflow{"w", "", {spec}});
    return std::get<WorkflowAccepted>(std::get<CommandReply>(outcome)).version;
  };
  EXPECT_EQ(define(R"({"steps":[{"id":"s","task":"a"}]})"), 1u);
  EXPECT_EQ(define(R"({"steps":[{"id":"s","task":"a"}]})"), 1u);
  EXPECT_EQ(define(R"({"steps":[{"id":"s","task":"b"}]})"), 2u);
  core.restart();
  EXPECT_EQ(define(R"({"steps":[{"id":"s","task":"a"}]})"), 3u);
  EXPECT_EQ(core.rows(), core.folded());
}

}  // namespace
}  // namespace runledger::core
