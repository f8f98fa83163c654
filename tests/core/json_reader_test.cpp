// Reading JSON member by member accepts what a parser of all of it accepts, and gives the same.
#include "core/base/json_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace runledger::core {
namespace {

using Json = JsonReader::Json;

const std::vector<std::string>& samples() {
  static const std::vector<std::string> texts = {
      "{}",
      " { } ",
      R"({"a":1,"b":-2,"c":1.5e3,"d":"x","e":true,"f":false,"g":null,"h":[],"i":{}})",
      R"({"a":[[1,2],[],{"b":[{"c":"]}"}]}],"b":{"c":{"d":[0]}}})",
      R"({ "a" : "q\"\\\/\b\f\n\r\t" , "b" : [ 1 , 2 ] })",
      "{\"a\":\"é ü 猫 😀 \\u732b \\ud83d\\ude00\"}",
      R"({"a":1,"a":2,"\u0061":3})",
      R"({"\"":1,"a\\":{"b":"c"}})",
      R"({"a":18446744073709551615,"b":-9223372036854775808,"c":0,"d":-0})",
      R"({"a":1e308,"b":5e-324,"c":1e-999,"d":0.1,"e":123456789012345678901234567890})",
      R"({"task_id":"task_1","attempt":1,"percent":12.5,"message":"half"})",
  };
  return texts;
}

// What a parser of the whole makes of it; discarded if it is not JSON.
Json parsed(const std::string& text) {
  return Json::parse(text, nullptr, false);
}

template <typename Read>
auto value_or_refusal(const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const JsonShapeError&) {
    return std::nullopt;
  }
}

void expect_same_member(const JsonReader& in, const std::string& name, const Json& value) {
  const char* key = name.c_str();
  ASSERT_TRUE(in.has(key)) << name;
  EXPECT_EQ(in.at(key), value);
  EXPECT_EQ(Json::parse(in.json(key)), value);
  const auto text = value_or_refusal([&] { return in.text(key); });
  EXPECT_EQ(text, value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt);
  const auto boolean = value_or_refusal([&] { return in.boolean(key); });
  EXPECT_EQ(boolean, value.is_boolean() ? std::optional(value.get<bool>()) : std::nullopt);
  const auto real = value_or_refusal([&] { return in.real(key); });
  EXPECT_EQ(real, value.is_number() ? std::optional(value.get<double>()) : std::nullopt);
  const auto natural = value_or_refusal([&] { return in.natural(key); });
  EXPECT_EQ(natural,
            value.is_number_unsigned() ? std::optional(value.get<std::uint64_t>()) : std::nullopt);
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  const auto integer = value_or_refusal([&] { return in.integer(key); });
  EXPECT_EQ(integer, fits ? std::optional(value.get<std::int64_t>()) : std::nullopt);
}

void expect_same(const std::string& text) {
  SCOPED_TRACE(text);
  const Json whole = parsed(text);
  if (!whole.is_object()) {
    EXPECT_THROW(JsonReader(std::string_view(text)), JsonShapeError);
    return;
  }
  const JsonReader in{std::string_view(text)};
  EXPECT_EQ(in.all(), whole);
  for (const auto& [name, value] : whole.items()) {
    // A name that needs a backslash cannot be asked for.
    if (Json(name).dump().find('\\') != std::string::npos) continue;
    if (name.find('\0') == std::string::npos) expect_same_member(in, name, value);
  }
}

TEST(JsonReader, GivesWhatAParserOfTheWholeGives) {
  for (const std::string& text : samples()) expect_same(text);
}

TEST(JsonReader, RefusesWhatIsNotAnObjectOrNotJson) {
  for (const char* text : {"",
                           " ",
                           "1",
                           "[]",
                           "null",
                           "\"a\"",
                           "{",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":1}}",
                           "{\"a\":1}x",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":1e}",
                           "{\"a\":-}",
                           "{\"a\":1e999}",
                           "{\"a\":tru}",
                           "{\"a\":[1,]}",
                           "{\"a\":[}",
                           "{\"a\":[1}",
                           "{\"a\":{]}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12g4\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\\udc00\"}",
                           "{\"a\":\"\\",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xc0\x80\"}",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           "{\"a\":\"\xf4\x90\x80\x80\"}",
                           "{\"a\":\"\xe7\x8c\"}",
                           "{'a':1}",
                           "{a:1}"}) {
    expect_same(text);
    EXPECT_THROW(JsonReader(std::string_view(text)), JsonShapeError) << text;
  }
}

TEST(JsonReader, AgreesWithAParserAboutRandomDamage) {
  const std::string bytes =
      "{}[]\",:\\ue0123456789.-+EtfnrulasdbA \t\n\x01\x7f\x80\xbf\xc3\xe7\xed\xf0";
  std::mt19937 random(20);
  std::size_t still_objects = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = samples()[random() % samples().size()];
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t place = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text[place] = byte;
          break;
        case 1:
          text.insert(place, 1, byte);
          break;
        default:
          if (text.size() > 1) text.erase(place, 1);
      }
    }
    if (parsed(text).is_object()) ++still_objects;
    expect_same(text);
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(still_objects, 5'000u);
}

TEST(JsonReader, TakesAnyDepth) {
  constexpr std::size_t kDeep = 100'000;
  const std::string text =
      "{\"a\":" + std::string(kDeep, '[') + std::string(kDeep, ']') + ",\"b\":\"x\"}";
  const JsonReader in{std::string_view(text)};
  EXPECT_EQ(in.text("b"), "x");
  EXPECT_EQ(in.json("a").size(), 2 * kDeep);
}

TEST(JsonReader, KeepsTheTextOfWhatItCarries) {
  const std::string text = R"({"a": {"n": 1.50, "s": "\u00e9"} })";
  EXPECT_EQ(JsonReader(std::string_view(text)).json("a"), R"({"n": 1.50, "s": "\u00e9"})");
}

TEST(JsonReader, KeepsATextThatIsGivenToIt) {
  const auto inner_of = [](const std::string& name) {
    const JsonReader outer(R"({"outer":{")" + name + R"(":"kept"}})");
    return outer.object("outer");
  };
  EXPECT_EQ(inner_of("inner").text("inner"), "kept");
  EXPECT_EQ(inner_of("\\u0069nner").text("inner"), "kept");
}

TEST(JsonReader, ReadsObjectsWithinObjectsThatItOwns) {
  const JsonReader outer(Json{{"a", {{"b", {{"c", "deep"}}}}}});
  const JsonReader inner = outer.object("a").object("b");
  EXPECT_EQ(inner.text("c"), "deep");
  EXPECT_THROW(inner.object("c"), JsonShapeError);
}

}  // namespace
}  // namespace runledger::core
