#include "core/schema/input_schema.h"

#include <gtest/gtest.h>

namespace runledger::core {
namespace {

std::shared_ptr<const InputSchema> compiled(std::string_view schema) {
  auto result = InputSchema::compile(schema);
  if (const auto* error = std::get_if<SchemaError>(&result))
    throw std::runtime_error(error->reason);
  return std::get<std::shared_ptr<const InputSchema>>(result);
}

std::string refusal(std::string_view schema) {
  const auto result = InputSchema::compile(schema);
  const auto* error = std::get_if<SchemaError>(&result);
  return error == nullptr ? "" : error->reason;
}

constexpr const char* kSchema = R"({
  "type": "object", "required": ["prompt"], "additionalProperties": false,
  "properties": {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 10},
    "width": {"type": "integer", "minimum": 16, "maximum": 4096},
    "images": {"type": "array", "items": {"type": "string"}}}})";

TEST(InputSchema, TakesWhatFits) {
  EXPECT_TRUE(compiled(kSchema)->check(R"({"prompt":"猫","width":16,"images":["a"]})").empty());
}

TEST(InputSchema, PointsAtTheMemberThatDoesNotFit) {
  const auto violations = compiled(kSchema)->check(R"({"prompt":"a","width":15})");
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].pointer, "/width");
  EXPECT_NE(violations[0].message.find("16"), std::string::npos);
}

TEST(InputSchema, PointsIntoArrays) {
  const auto violations = compiled(kSchema)->check(R"({"prompt":"a","images":["x",3]})");
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].pointer, "/images/1");
}

TEST(InputSchema, NamesWhatIsMissingAndWhatIsTooMuch) {
  const auto missing = compiled(kSchema)->check("{}");
  ASSERT_FALSE(missing.empty());
  EXPECT_NE(missing[0].message.find("prompt"), std::string::npos);
  const auto extra = compiled(kSchema)->check(R"({"prompt":"a","colour":"red"})");
  ASSERT_FALSE(extra.empty());
  EXPECT_NE(extra[0].message.find("colour"), std::string::npos);
}

TEST(InputSchema, RefusesValuesOfAnotherType) {
  for (const char* input : {R"({"prompt":1})", R"({"prompt":"a","width":"16"})",
                            R"({"prompt":"a","width":16.5})", R"([])", R"("x")"}) {
    EXPECT_FALSE(compiled(kSchema)->check(input).empty()) << input;
  }
}

TEST(InputSchema, IsNotCompiledWhenAKeywordWouldBeIgnored) {
  EXPECT_NE(refusal(R"({"properties":{"a":{"pattern":"^x"}}})").find("/properties/a/pattern"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"type":"string","format":"uri"})"), "");
  EXPECT_NE(refusal(R"({"allOf":[{"minimun":3}]})").find("'minimun'"), std::string::npos);
}

TEST(InputSchema, IsNotCompiledWhenCheckingWouldNeverEnd) {
  EXPECT_NE(refusal(R"({"$ref":"#"})"), "");
  EXPECT_NE(refusal(R"({"allOf":[{"$ref":"#"}]})"), "");
  EXPECT_NE(refusal(R"({"definitions":{"a":{"$ref":"#/definitions/b"},)"
                    R"("b":{"not":{"$ref":"#/definitions/a"}}},"$ref":"#/definitions/a"})"),
            "");
  EXPECT_NE(refusal(R"({"properties":{"x":{"anyOf":[{"$ref":"#/properties/x"}]}}})"), "");
}

TEST(InputSchema, MayBeRecursiveThroughItsMembers) {
  const auto tree = compiled(
      R"({"type":"object","additionalProperties":false,"properties":{"child":{"$ref":"#"}}})");
  EXPECT_TRUE(tree->check(R"({"child":{"child":{}}})").empty());
  EXPECT_FALSE(tree->check(R"({"child":{"child":3}})").empty());
}

TEST(InputSchema, IsNotCompiledWhenItIsBroken) {
  EXPECT_NE(refusal(R"({"$ref":"http://127.0.0.1/schema"})"), "");
  EXPECT_NE(refusal("{"), "");
  EXPECT_NE(refusal("[]"), "");
  EXPECT_NE(refusal(R"({"$ref":"#/definitions/nowhere"})"), "");
  EXPECT_NE(refusal(R"({"properties":[]})"), "");
}

}  // namespace
}  // namespace runledger::core
