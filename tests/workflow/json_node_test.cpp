#include "core/workflow/json_node.h"

#include <gtest/gtest.h>

namespace runledger::core {
namespace {

std::string again(std::string_view text) {
  const auto tree = parse_json_tree(text, Duplicates::kRefuse);
  const auto* problem = std::get_if<JsonProblem>(&tree);
  return problem != nullptr ? problem->pointer + ": " + problem->message
                            : json_text(std::get<JsonNode>(tree));
}

JsonProblem problem_of(std::string_view text) {
  const auto tree = parse_json_tree(text, Duplicates::kRefuse);
  const auto* problem = std::get_if<JsonProblem>(&tree);
  return problem != nullptr ? *problem : JsonProblem{"", "no problem"};
}

bool equal(std::string_view a, std::string_view b) {
  return json_equal(std::get<JsonNode>(parse_json_tree(a, Duplicates::kTakeLast)),
                    std::get<JsonNode>(parse_json_tree(b, Duplicates::kTakeLast)));
}

TEST(JsonNode, KeepsTheTextOfNumbersAndTheOrderOfMembers) {
  for (const char* text :
       {"1.50", "1e2", "1E+400000", "123456789012345678901234567890", "18446744073709551616", "-1",
        R"({"b":1,"a":{"d":[],"c":{}}})", "[true,false,null]", R"("\"\\\n\u0001 猫")"}) {
    if (std::string_view(text) == "1E+400000") {
      EXPECT_NE(again(text).find("range"), std::string::npos);
    } else {
      EXPECT_EQ(again(text), text);
    }
  }
}

TEST(JsonNode, WritesCompactly) {
  EXPECT_EQ(again(" { \"a\" : [ 1 , 2 ] } "), R"({"a":[1,2]})");
  EXPECT_EQ(again(R"("\u0041\/")"), R"("A/")");
}

TEST(JsonNode, PointsAtTheMemberThatIsThereTwice) {
  EXPECT_EQ(problem_of(R"({"a":[{"x/y":1,"x/y":2}]})").pointer, "/a/0/x~1y");
  EXPECT_EQ(problem_of(R"({"a":1,"b":{},"a":2})").pointer, "/a");
}

TEST(JsonNode, TakesTheLastOfTwoMembersWhereAProgramWroteThem) {
  const auto tree = parse_json_tree(R"({"a":1,"a":2})", Duplicates::kTakeLast);
  EXPECT_EQ(std::get<JsonNode>(tree).find("a")->text, "2");
  EXPECT_TRUE(equal(R"({"a":1,"a":2})", R"({"a":2})"));
}

TEST(JsonNode, TakesSixtyFourLevelsAndNotOneMore) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(again(nested(64)), nested(64));
  EXPECT_NE(problem_of(nested(65)).message.find("64"), std::string::npos);
  EXPECT_NE(problem_of(std::string(1'000'000, '[')).message.find("64"), std::string::npos);
}

TEST(JsonNode, PointsAtWhatIsNestedTooDeep) {
  std::string text = R"({"a":[0,)";
  text += std::string(100, '[');
  const std::string pointer = problem_of(text).pointer;
  EXPECT_EQ(pointer.substr(0, 6), "/a/1/0");
}

TEST(JsonNode, RefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"a\" 1}", "nul", "01", "1.", "\"\x01\"",
                           "\"\xff\"", "\"\xc3\"", "\"\\ud800\"", "1 2", "{'a':1}"}) {
    EXPECT_NE(problem_of(text).message.find("Expected JSON"), std::string::npos) << text;
  }
}

TEST(JsonNode, ComparesNumbersExactly) {
  EXPECT_EQ(compare_json_numbers("1", "1.0"), 0);
  EXPECT_EQ(compare_json_numbers("100", "1e2"), 0);
  EXPECT_EQ(compare_json_numbers("0", "-0.000"), 0);
  EXPECT_EQ(compare_json_numbers("0.1e-5", "1E-6"), 0);
  EXPECT_LT(compare_json_numbers("9007199254740992", "9007199254740993"), 0);
  EXPECT_GT(
      compare_json_numbers("123456789012345678901234567891", "123456789012345678901234567890"), 0);
  EXPECT_LT(compare_json_numbers("-2", "-1.99"), 0);
  EXPECT_LT(compare_json_numbers("-2", "1"), 0);
  EXPECT_LT(compare_json_numbers("9", "10"), 0);
  EXPECT_LT(compare_json_numbers("0", "0.0001"), 0);
  EXPECT_GT(compare_json_numbers("0", "-0.0001"), 0);
  EXPECT_LT(compare_json_numbers("1e-99999999999999999999", "1e-5"), 0);
  EXPECT_LT(compare_json_numbers("0.15", "0.2"), 0);
}

TEST(JsonNode, ComparesByValue) {
  EXPECT_TRUE(equal(R"({"a":1,"b":[1.0,"x"]})", R"({"b":[1,"x"],"a":1e0})"));
  EXPECT_FALSE(equal(R"({"a":1})", R"({"a":1,"b":null})"));
  EXPECT_FALSE(equal("[1,2]", "[2,1]"));
  EXPECT_FALSE(equal("[1]", "[1,1]"));
  EXPECT_FALSE(equal("1", R"("1")"));
  EXPECT_FALSE(equal("null", "false"));
}

TEST(JsonNode, CutsLongTextsBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "猫";
  EXPECT_EQ(shortened(text), text.substr(0, 99) + "…");
  EXPECT_EQ(shortened("short"), "short");
}

}  // namespace
}  // namespace runledger::core
