#include "core/workflow/spec.h"

#include <gtest/gtest.h>

#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

constexpr const char* kFull = R"({
  "name": "full",
  "timeout_ms": 3600000,
  "input_schema": {"type": "object"},
  "output": {"url": "${steps.b.output.url}"},
  "steps": [
    {"id": "a", "task": "image", "input": {"n": 1.50, "t": "${run.input.title}"}},
    {"id": "b", "task": "clip", "needs": ["a"],
     "when": {"eq": ["${steps.a.status}", "succeeded"]},
     "for_each": {"items": "${run.input.list}", "parallel": 4},
     "input": {"i": "${item}", "n": "${index}"},
     "approval": {"roles": ["operator", "admin"], "timeout_ms": 1000},
     "review": {"roles": ["viewer"], "on_reject": "end", "rounds_max": 2, "timeout_ms": 5},
     "retry": {"max_attempts": 5, "initial_ms": 500, "factor": 1.5, "max_ms": 9000,
               "total_ms": 100000, "not_retryable": ["bad_prompt"]},
     "timeout_ms": 1, "attempt_timeout_ms": 2, "queue_timeout_ms": 3, "heartbeat_timeout_ms": 4,
     "on_error": "continue"},
    {"id": "c", "workflow": "sub.flow", "timeout_ms": 7}]})";

TEST(Spec, ReadsEveryMember) {
  const WorkflowSpec spec = parsed(kFull);
  EXPECT_EQ(spec.timeout_ms, 3600000u);
  EXPECT_EQ(spec.input_schema->text, R"({"type":"object"})");
  EXPECT_EQ(spec.output->text, R"({"url":"${steps.b.output.url}"})");
  ASSERT_EQ(spec.steps.size(), 3u);
  const StepSpec& a = spec.steps[0];
  EXPECT_EQ(a.task_type, "image");
  EXPECT_EQ(a.input.text, R"({"n":1.50,"t":"${run.input.title}"})");
  EXPECT_TRUE(a.input_has_references);
  const StepSpec& b = spec.steps[1];
  EXPECT_EQ(b.task_type, "clip");
  EXPECT_EQ(b.workflow, "");
  EXPECT_EQ(b.needs, std::vector<std::string>{"a"});
  EXPECT_EQ(b.when->text, R"({"eq":["${steps.a.status}","succeeded"]})");
  EXPECT_EQ(b.for_each, (ForEach{{R"("${run.input.list}")"}, 4}));
  EXPECT_EQ(b.approval, (Approval{{"operator", "admin"}, 1000}));
  EXPECT_EQ(b.review, (ReviewPolicy{{"viewer"}, OnReject::kEnd, 2, 5}));
  EXPECT_EQ(b.retry, (RetryPolicy{5, 500, 1.5, 9000, 100000, {"bad_prompt"}}));
  EXPECT_EQ(b.timeouts, (Timeouts{1, 2, 3, 4}));
  EXPECT_EQ(b.on_error, OnError::kContinue);
  EXPECT_EQ(spec.steps[2].task_type, "");
  EXPECT_EQ(spec.steps[2].workflow, "sub.flow");
}

TEST(Spec, HasDefaults) {
  const WorkflowSpec spec = parsed(one_step(R"("approval":{})"));
  const StepSpec& step = spec.steps[0];
  EXPECT_EQ(step.input.text, "{}");
  EXPECT_FALSE(step.input_has_references);
  EXPECT_TRUE(step.needs.empty());
  EXPECT_EQ(step.approval, (Approval{{"reviewer"}, 0}));
  EXPECT_EQ(step.review, (ReviewPolicy{{"reviewer"}, OnReject::kRegenerate, 5, 0}));
  EXPECT_EQ(step.retry, RetryPolicy{});
  EXPECT_EQ(step.on_error, OnError::kPause);
  EXPECT_FALSE(spec.output.has_value());
  EXPECT_EQ(spec.timeout_ms, 0u);
}

TEST(Spec, FindsItsSteps) {
  const WorkflowSpec spec = parsed(kFull);
  EXPECT_EQ(spec.find("b"), &spec.steps[1]);
  EXPECT_EQ(spec.find("d"), nullptr);
}

TEST(Spec, KeepsLargeIntegersOfInputs) {
  const WorkflowSpec spec = parsed(one_step(R"("input":{"n":123456789012345678901234567890})"));
  EXPECT_EQ(spec.steps[0].input.text, R"({"n":123456789012345678901234567890})");
}

TEST(Spec, TakesTheLimitsThemselves) {
  EXPECT_EQ(errors_of(one_step(R"("retry":{"max_attempts":100,"factor":10,"max_ms":31622400000})"))
                .size(),
            0u);
  EXPECT_EQ(errors_of(one_step(R"("retry":{"factor":1},"review":{"rounds_max":1})")).size(), 0u);
  std::string items = "0";
  for (std::size_t i = 1; i < kForEachItemsMax; ++i) items += ",0";
  EXPECT_EQ(errors_of(one_step(R"("for_each":{"items":[)" + items + "]}")).size(), 0u);
  EXPECT_TRUE(has_error(errors_of(one_step(R"("for_each":{"items":[)" + items + ",0]}")),
                        "/steps/0/for_each/items", "1000 items, but there are 1001"));
  std::string steps;
  for (std::size_t i = 0; i < kStepsMax; ++i) {
    steps +=
        std::string(i == 0 ? "" : ",") + R"({"id":"s)" + std::to_string(i) + R"(","task":"t"})";
  }
  EXPECT_EQ(parsed(R"({"steps":[)" + steps + "]}").steps.size(), kStepsMax);
  EXPECT_TRUE(has_error(errors_of(R"({"steps":[)" + steps + R"(,{"id":"z","task":"t"}]})"),
                        "/steps", "1 to 200 steps, but there are 201"));
}

TEST(SpecJson, GivesTheSameSpecAgain) {
  for (const std::string& text :
       {std::string(kFull), one_step(""), one_step(R"("approval":{},"needs":[])"),
        one_step(R"("review":{"on_reject":"end"},"retry":{"factor":1.1})"),
        std::string(R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t","needs":[]},
                       {"id":"c","task":"t","needs":["b","a"]}],"output":null})")}) {
    const WorkflowSpec spec = parsed(text);
    EXPECT_EQ(parsed(to_json(spec)), spec) << to_json(spec);
  }
}

TEST(SpecJson, LeavesDefaultsOut) {
  EXPECT_EQ(to_json(parsed(one_step(R"("input":{},"needs":[],"on_error":"pause","review":{},
                                       "retry":{"max_attempts":1},"timeout_ms":0)"))),
            R"({"steps":[{"id":"a","task":"image"}]})");
  EXPECT_EQ(to_json(parsed(R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t"},
                              {"id":"c","task":"t","needs":[]}]})")),
            R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t"},)"
            R"({"id":"c","task":"t","needs":[]}]})");
}

TEST(SpecJson, WritesWhatASpecHoldsAfterReordering) {
  const WorkflowSpec spec = parsed(R"({"steps":[{"id":"b","task":"t","needs":["a"]},
                                       {"id":"a","task":"t","needs":[]}]})");
  EXPECT_EQ(to_json(spec), R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t"}]})");
}

TEST(SingleTaskSpec, IsOneStepThatFailsItsRun) {
  const WorkflowSpec spec = single_task_spec("image", {R"({"prompt":"a cat"})"});
  ASSERT_EQ(spec.steps.size(), 1u);
  EXPECT_EQ(spec.steps[0].id, "main");
  EXPECT_EQ(spec.steps[0].on_error, OnError::kFail);
  EXPECT_EQ(spec.steps[0].input.text, R"({"prompt":"a cat"})");
  EXPECT_FALSE(spec.steps[0].input_has_references);
  EXPECT_EQ(parsed(to_json(spec)), spec);
}

TEST(SingleTaskSpec, TakesItsInputLiterally) {
  const std::string input = R"({"prompt":"${run.id} costs $${5} or \u0024{x}","n":["${"]})";
  const WorkflowSpec spec = single_task_spec("image", {input});
  EXPECT_EQ(parsed(to_json(spec)), spec);
  const StepSpec& step = spec.steps[0];
  ASSERT_TRUE(step.input_has_references);
  EXPECT_EQ(resolved(step.input.text, scope_of_a_run()),
            R"({"prompt":"${run.id} costs $${5} or ${x}","n":["${"]})");
}

}  // namespace
}  // namespace runledger::core
