#include <gtest/gtest.h>

#include "core/workflow/spec.h"
#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

// Each step is "id" or "id: need need"; "id:" needs nothing.
std::string spec_of(const std::vector<std::string>& steps) {
  std::string json;
  for (const std::string& step : steps) {
    const std::size_t colon = std::min(step.find(':'), step.size());
    json += std::string(json.empty() ? "" : ",") + R"({"id":")" + step.substr(0, colon) +
            R"(","task":"t")";
    if (colon < step.size()) {
      std::string needs;
      for (const char c : step.substr(colon + 1)) {
        if (c == ' ') {
          needs += std::string(needs.empty() ? "\"" : "\",\"");
        } else {
          needs += c;
        }
      }
      json += R"(,"needs":[)" + needs + (needs.empty() ? "]" : "\"]");
    }
    json += "}";
  }
  return R"({"steps":[)" + json + "]}";
}

std::vector<std::string> order_of(const std::vector<std::string>& steps) {
  return ids_of(parsed(spec_of(steps)));
}

using Ids = std::vector<std::string>;

TEST(StepGraph, NeedsTheStepBeforeUnlessToldOtherwise) {
  const WorkflowSpec spec = parsed(spec_of({"a", "b", "c:", "d: a c"}));
  EXPECT_EQ(spec.steps[0].needs, Ids{});
  EXPECT_EQ(spec.steps[1].needs, Ids{"a"});
  EXPECT_EQ(spec.steps[2].needs, Ids{});
  EXPECT_EQ(spec.steps[3].needs, (Ids{"a", "c"}));
}

TEST(StepGraph, PutsNeedsFirstAndKeepsTheOrderOtherwise) {
  EXPECT_EQ(order_of({"a", "b", "c"}), (Ids{"a", "b", "c"}));
  EXPECT_EQ(order_of({"c: b", "b: a", "a:"}), (Ids{"a", "b", "c"}));
  EXPECT_EQ(order_of({"z:", "y:", "x:"}), (Ids{"z", "y", "x"}));
  EXPECT_EQ(order_of({"last: b", "a:", "b:", "c: a"}), (Ids{"a", "b", "last", "c"}));
}

TEST(StepGraph, NamesTheStepsOfACycle) {
  const auto errors = errors_of(spec_of({"a:", "b: d", "c: b", "d: c", "e: d"}));
  ASSERT_EQ(errors.size(), 1u) << text_of(errors);
  EXPECT_EQ(errors[0].pointer, "/steps/1/needs");
  EXPECT_NE(errors[0].message.find("'b' needs 'd' needs 'c' needs 'b'"), std::string::npos)
      << errors[0].message;
}

TEST(StepGraph, NamesEachCycle) {
  const auto errors = errors_of(spec_of({"a: b", "b: a", "c: c", "d:"}));
  EXPECT_EQ(errors.size(), 2u) << text_of(errors);
  EXPECT_TRUE(has_error(errors, "/steps/0/needs", "'a' needs 'b' needs 'a'"));
  EXPECT_TRUE(has_error(errors, "/steps/2/needs", "'c' needs 'c'"));
}

TEST(StepGraph, SeesACycleThroughTheStepBefore) {
  const auto errors = errors_of(spec_of({"a: b", "b"}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(has_error(errors, "/steps/0/needs", "'a' needs 'b' needs 'a'"));
}

TEST(StepGraph, NamesNeedsThatLeadNowhere) {
  EXPECT_TRUE(has_error(errors_of(spec_of({"a: nope"})), "/steps/0/needs/0", "but got 'nope'"));
  EXPECT_TRUE(has_error(errors_of(spec_of({"a:", "b: a a"})), "/steps/1/needs/1", "twice"));
  EXPECT_TRUE(has_error(errors_of(one_step(R"("needs":"b")")), "/steps/0/needs", "an array"));
  EXPECT_TRUE(has_error(errors_of(one_step(R"("needs":[1])")), "/steps/0/needs/0", "but got 1"));
  EXPECT_TRUE(has_error(errors_of(one_step(R"("needs":null)")), "/steps/0/needs", "null"));
}

TEST(StepGraph, WantsReferencesToSpeakOfStepsUpstream) {
  const std::string text = R"({"steps":[{"id":"a","task":"t"},{"id":"b","task":"t","needs":[]},
      {"id":"c","task":"t","needs":["b"],"input":{"x":"${steps.a.output}"}}]})";
  const auto errors = errors_of(text);
  ASSERT_EQ(errors.size(), 1u) << text_of(errors);
  EXPECT_TRUE(has_error(errors, "/steps/2/input/x", "add 'a' to the needs of this step"));
}

TEST(StepGraph, LetsReferencesReachThroughNeeds) {
  const std::string text = R"({"steps":[
      {"id":"c","task":"t","needs":["b"],"input":{"x":"${steps.a.output}"}},
      {"id":"b","task":"t","needs":["a"]},{"id":"a","task":"t","needs":[]}]})";
  EXPECT_EQ(text_of(errors_of(text)), "");
}

TEST(StepGraph, SaysNothingOfReferencesWhereTheGraphIsBroken) {
  const auto errors = errors_of(R"({"steps":[{"id":"a","task":"t"},
      {"id":"b","task":"t","needs":["aa"],"input":{"x":"${steps.a.output}"}}]})");
  EXPECT_EQ(errors.size(), 1u) << text_of(errors);
}

TEST(StepGraph, TakesTheLargestGraph) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < kStepsMax; ++i) {
    std::string step = "s" + std::to_string(i) + ":";
    for (std::size_t j = i + 1; j < kStepsMax; ++j) step += " s" + std::to_string(j);
    steps.push_back(step);
  }
  const auto order = order_of(steps);
  EXPECT_EQ(order.front(), "s199");
  EXPECT_EQ(order.back(), "s0");
}

}  // namespace
}  // namespace runledger::core
