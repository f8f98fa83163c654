#include "core/workflow/condition.h"

#include <gtest/gtest.h>

#include "tests/workflow/support.h"

namespace runledger::core {
namespace {

using namespace runledger::core::testing;

std::string outcome(std::string_view condition) {
  const auto result = holds(condition, scope_of_a_run());
  if (const auto* error = std::get_if<ReferenceError>(&result)) {
    return error->pointer + ": " + error->message;
  }
  return std::get<bool>(result) ? "yes" : "no";
}

TEST(Condition, TakesAReferenceForItsTruth) {
  for (const char* name : {"title", "count", "big", "on", "list", "list[0]", "price"}) {
    EXPECT_EQ(outcome("\"${run.input." + std::string(name) + "}\""), "yes") << name;
  }
  for (const char* name : {"none", "empty", "nope", "nope.deeper", "list[7]"}) {
    EXPECT_EQ(outcome("\"${run.input." + std::string(name) + "}\""), "no") << name;
  }
  ReferenceScope scope = scope_of_a_run();
  for (const char* falsy : {"false", "null", "0", "0.0", "-0", "0e5", "\"\"", "[]", "{}"}) {
    scope.item = falsy;
    EXPECT_FALSE(std::get<bool>(holds(R"("${item}")", scope))) << falsy;
  }
  for (const char* truthy : {"true", "1", "-0.1", "\"0\"", "\"false\"", "[0]", R"({"a":null})"}) {
    scope.item = truthy;
    EXPECT_TRUE(std::get<bool>(holds(R"("${item}")", scope))) << truthy;
  }
}

TEST(Condition, ComparesAnyValuesForEquality) {
  EXPECT_EQ(outcome(R"({"eq":["${run.input.count}",3.0]})"), "yes");
  EXPECT_EQ(outcome(R"({"eq":["${run.input.count}","3"]})"), "no");
  EXPECT_EQ(outcome(R"({"eq":["${run.input.none}",null]})"), "yes");
  EXPECT_EQ(outcome(R"({"eq":["${run.input.list}",[{"name":"a"},{"name":"b"}]]})"), "yes");
  EXPECT_EQ(outcome(R"({"eq":[{"n":"${run.input.count}"},{"n":3}]})"), "yes");
  EXPECT_EQ(outcome(R"({"ne":["${steps.clip.status}","succeeded"]})"), "no");
  EXPECT_EQ(outcome(R"({"ne":["a ${run.id}","a run_01"]})"), "no");
  EXPECT_EQ(outcome(R"({"eq":["$${x}","$${x}"]})"), "yes");
}

TEST(Condition, OrdersNumbersAndStrings) {
  EXPECT_EQ(outcome(R"({"lt":["${run.input.count}",4]})"), "yes");
  EXPECT_EQ(outcome(R"({"lt":["${run.input.count}",3]})"), "no");
  EXPECT_EQ(outcome(R"({"le":["${run.input.count}",3]})"), "yes");
  EXPECT_EQ(outcome(R"({"gt":["${run.input.big}",123456789012345678901234567889]})"), "yes");
  EXPECT_EQ(outcome(R"({"gt":["${run.input.count}",3]})"), "no");
  EXPECT_EQ(outcome(R"({"ge":["${run.input.count}",3]})"), "yes");
  EXPECT_EQ(outcome(R"({"lt":["${run.id}","run_02"]})"), "yes");
}

TEST(Condition, RefusesToOrderDifferentTypes) {
  EXPECT_EQ(outcome(R"({"lt":["${run.input.title}",4]})"),
            "/lt: Expected two numbers or two strings to compare, but got a string and a number");
  EXPECT_NE(outcome(R"({"and":["${run.input.on}",{"ge":["${run.input.list}","x"]}]})")
                .find("/and/1/ge: "),
            std::string::npos);
}

TEST(Condition, LooksIntoLists) {
  EXPECT_EQ(outcome(R"({"in":["${run.input.count}",[1,2,3]]})"), "yes");
  EXPECT_EQ(outcome(R"({"in":["${run.input.count}",[]]})"), "no");
  EXPECT_EQ(outcome(R"({"in":[{"name":"b"},"${run.input.list}"]})"), "yes");
  EXPECT_EQ(outcome(R"({"in":["run_01",["${run.id}"]]})"), "yes");
  EXPECT_EQ(outcome(R"({"in":[1,"${run.input.title}"]})"),
            "/in: Expected the second operand to be an array, but got a string");
}

TEST(Condition, TellsWhetherSomethingIsThere) {
  EXPECT_EQ(outcome(R"({"exists":"${run.input.none}"})"), "yes");
  EXPECT_EQ(outcome(R"({"exists":"${run.input.nope}"})"), "no");
  EXPECT_EQ(outcome(R"({"exists":"${run.labels.conversation.id}"})"), "yes");
  EXPECT_EQ(outcome(R"({"exists":"${steps.lost.output}"})"), "no");
  EXPECT_EQ(outcome(R"({"exists":"${item}"})"), "no");
}

TEST(Condition, JoinsConditions) {
  EXPECT_EQ(outcome(R"({"not":"${run.input.none}"})"), "yes");
  EXPECT_EQ(outcome(R"({"not":{"not":"${run.input.none}"}})"), "no");
  EXPECT_EQ(outcome(R"({"and":["${run.input.on}","${run.input.count}"]})"), "yes");
  EXPECT_EQ(outcome(R"({"and":["${run.input.on}","${run.input.none}"]})"), "no");
  EXPECT_EQ(outcome(R"({"or":["${run.input.none}","${run.input.on}"]})"), "yes");
  EXPECT_EQ(outcome(R"({"or":["${run.input.none}","${run.input.empty}"]})"), "no");
}

TEST(Condition, StopsWhereTheOutcomeIsKnown) {
  const std::string broken = R"({"eq":["${run.input.nope}",1]})";
  EXPECT_EQ(outcome(R"({"and":["${run.input.none}",)" + broken + "]}"), "no");
  EXPECT_EQ(outcome(R"({"or":["${run.input.on}",)" + broken + "]}"), "yes");
}

TEST(Condition, SaysWhichReferenceLeadsNowhere) {
  for (const char* form :
       {R"({"eq":["${run.input.nope}",1]})", R"({"not":{"eq":["${run.input.nope}",1]}})",
        R"({"and":[{"eq":["${run.input.nope}",1]},"${run.id}"]})",
        R"({"or":[{"eq":["${run.input.nope}",1]},"${run.id}"]})"}) {
    const auto result = holds(form, scope_of_a_run());
    const auto* error = std::get_if<ReferenceError>(&result);
    ASSERT_NE(error, nullptr) << form;
    EXPECT_EQ(error->reference, "${run.input.nope}");
    EXPECT_TRUE(error->pointer.ends_with("/eq/0")) << error->pointer;
  }
}

TEST(Condition, RefusesOtherForms) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"true", ""},
      {"1", ""},
      {"null", ""},
      {"[]", ""},
      {"{}", ""},
      {R"("yes")", ""},
      {R"("")", ""},
      {R"("a ${run.id}")", ""},
      {R"("${run.id}${run.id}")", ""},
      {R"("$${run.id}")", ""},
      {R"("${run.idx}")", ""},
      {R"({"eq":[1,1],"ne":[1,1]})", ""},
      {R"({"equals":[1,1]})", "/equals"},
      {R"({"eq":[1]})", "/eq"},
      {R"({"eq":[1,2,3]})", "/eq"},
      {R"({"eq":"${run.id}"})", "/eq"},
      {R"({"eq":["${run.idx}",1]})", "/eq/0"},
      {R"({"eq":[1,{"a":["${nope}"]}]})", "/eq/1/a/0"},
      {R"({"lt":[1,"a"]})", "/lt"},
      {R"({"lt":[true,1]})", "/lt"},
      {R"({"ge":["${run.id}",null]})", "/ge"},
      {R"({"gt":[1,"a ${run.id}"]})", "/gt"},
      {R"({"in":[1,2]})", "/in/1"},
      {R"({"in":[1,"x"]})", "/in/1"},
      {R"({"in":[1,"a ${run.id}"]})", "/in/1"},
      {R"({"exists":true})", "/exists"},
      {R"({"exists":"run.id"})", "/exists"},
      {R"({"not":[]})", "/not"},
      {R"({"and":[]})", "/and"},
      {R"({"or":{"eq":[1,1]}})", "/or"},
      {R"({"and":["${run.id}",{"or":["${run.id}",7]}]})", "/and/1/or/1"},
      {R"({"eq":[1,1],"eq":[1,1]})", "/eq"},
      {"{", ""},
  };
  for (const auto& [condition, pointer] : cases) {
    const auto error = check_condition(condition);
    ASSERT_TRUE(error.has_value()) << condition;
    EXPECT_EQ(error->pointer, pointer) << condition;
    EXPECT_EQ(error->message.substr(0, 8), "Expected") << condition;
    EXPECT_TRUE(std::holds_alternative<ReferenceError>(holds(condition, scope_of_a_run())));
  }
}

TEST(Condition, TakesGoodForms) {
  for (const char* condition :
       {R"("${run.input.a.b[0]}")", R"({"eq":[[],{}]})", R"({"lt":["a","b"]})",
        R"({"lt":["a ${run.id}","b"]})", R"({"in":[1,[]]})", R"({"in":[1,"${run.input.a}"]})",
        R"({"not":{"and":["${item}",{"exists":"${index}"}]}})"}) {
    EXPECT_FALSE(check_condition(condition).has_value()) << condition;
  }
}

TEST(Condition, BoundsDepthAndNumber) {
  const auto nested = [](std::size_t depth) {
    std::string text = R"("${run.id}")";
    for (std::size_t i = 1; i < depth; ++i) text = R"({"not":)" + text + "}";
    return text;
  };
  EXPECT_FALSE(check_condition(nested(kConditionDepthMax)).has_value());
  ASSERT_TRUE(check_condition(nested(kConditionDepthMax + 1)).has_value());
  EXPECT_NE(check_condition(nested(kConditionDepthMax + 1))->message.find("16"), std::string::npos);
  std::string many = R"({"and":["${run.id}")";
  for (int i = 0; i < 98; ++i) many += R"(,"${run.id}")";
  EXPECT_EQ(outcome(many + "]}"), "yes");
  EXPECT_NE(outcome(many + R"(,"${run.id}"]})").find("100"), std::string::npos);
}

}  // namespace
}  // namespace runledger::core
