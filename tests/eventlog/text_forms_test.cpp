// The small text forms that exports are made of: times, base64, UTF-8, JSON.
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "eventlog/base64.h"
#include "eventlog/json_text.h"
#include "eventlog/time_text.h"
#include "eventlog/utf8.h"

namespace runledger::eventlog::test {
namespace {

std::string base64(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

TEST(TimeText, GoesThroughTextAndBack) {
  std::mt19937_64 random(3);
  std::vector<std::int64_t> times = {
      0, -1, 1, 951'782'400'000'000, 1'769'860'800'000'123, kTextTimeUsMin, kTextTimeUsMax};
  for (int i = 0; i < 2000; ++i) {
    times.push_back(
        std::uniform_int_distribution<std::int64_t>(kTextTimeUsMin, kTextTimeUsMax)(random));
  }
  for (const std::int64_t time_us : times) {
    EXPECT_EQ(parse_utc_text(utc_text(time_us)), time_us) << utc_text(time_us);
  }
}

TEST(TimeText, HasTheFormOfRfc3339) {
  EXPECT_EQ(utc_text(1'769'860'800'000'123), "2026-01-31T12:00:00.000123Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(utc_text(kTextTimeUsMin), "0001-01-01T00:00:00.000000Z");
  EXPECT_EQ(utc_text(kTextTimeUsMax), "9999-12-31T23:59:59.999999Z");
}

TEST(TimeText, TakesNoOtherForm) {
  for (const char* text :
       {"", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000123z", "2026-01-31 12:00:00.000123Z",
        "2026-02-30T12:00:00.000123Z", "2026-01-31T24:00:00.000000Z", "2026-13-31T12:00:00.000123Z",
        "2026-01-31T12:60:00.000123Z", "2026-01-31T12:00:00.00012 Z", "0000-01-31T12:00:00.000123Z",
        "-026-01-31T12:00:00.000123Z", "2026-01-31T12:00:00.+00123Z"}) {
    EXPECT_FALSE(parse_utc_text(text)) << text;
  }
}

TEST(Base64, HasTheExamplesOfItsStandard) {
  const std::vector<std::pair<std::string, std::string>> examples = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"},
                                                                     {"\xff\xfe", "//4="}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, TakesOneTextOnlyForTheSameBytes) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm 9",
                           "Zm9v\n", "Zm-_", "Zg=v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Utf8, TakesWhatIsOneAndNothingElse) {
  const auto valid = [](std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      if (!next_code_point(text, at)) return false;
    }
    return true;
  };
  std::size_t at = 0;
  EXPECT_EQ(next_code_point("\xf0\x9f\x98\x80", at), U'\U0001f600');
  EXPECT_EQ(at, 4u);
  for (const char* text : {"a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(valid(text)) << text;
  }
  for (const char* text :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(valid(text)) << base64(text);
  }
}

TEST(JsonText, TakesEveryKindOfValue) {
  for (const char* text :
       {"{}", "[]", " [ 1 , -0.5e+3 , true , false , null ] ", R"({"a":{"b":[]},"":""})", "0",
        R"("\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é")", "-0", "1E9", "[[[]],{}]", "\"\x7f\""}) {
    EXPECT_TRUE(is_json_value(text)) << text;
  }
}

TEST(JsonText, RefusesWhatIsNone) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "]",
                           "{]",
                           "[}",
                           "[1,]",
                           "[,1]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:1}",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "+1",
                           "1e",
                           "0x1",
                           "tru",
                           "truee",
                           "nul",
                           "'a'",
                           "\"",
                           "\"\\x\"",
                           R"("\u12g4")",
                           R"("\ud800")",
                           R"("\udc00")",
                           R"("\ud800\u0041")",
                           "\"\t\"",
                           "\"\n\"",
                           "\"\xff\"",
                           "{}{}",
                           "[] []",
                           "1 2",
                           "\xef\xbb\xbf{}",
                           "[1 2]",
                           "NaN",
                           "{\"a\":1 \"b\":2}",
                           "{},\"tenant\":\"other\"",
                           "\"a\\"}) {
    EXPECT_FALSE(is_json_value(text)) << text;
  }
  EXPECT_FALSE(is_json_value(std::string_view("[]\0", 3)));
  EXPECT_FALSE(is_json_value(std::string_view("\0", 1)));
}

TEST(JsonText, RefusesWhatIsNestedTooDeep) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(is_json_value(nested(kJsonDepthMax)));
  EXPECT_FALSE(is_json_value(nested(kJsonDepthMax + 1)));
  EXPECT_FALSE(is_json_value(std::string(4'000'000, '[')));
}

// Changed at random, it is JSON for both or for none.
TEST(JsonText, AgreesWithAParser) {
  const std::string good =
      R"({"task":"clip","list":[1,-2.5e3,{"x":null}],"s":"a\"\\\u00e9\ud83d\ude00 é😀","t":true} )";
  const std::string_view pieces = "{}[]\",:\\u0123456789eE+-.tfn \t\r\n\x01\x80\xc3\xa9\xf0";
  std::mt19937_64 random(11);
  std::size_t taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = good;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % text.size();
      const char piece = pieces[random() % pieces.size()];
      switch (random() % 3) {
        case 0:
          text[at] = piece;
          break;
        case 1:
          text.insert(at, 1, piece);
          break;
        default:
          text.erase(at, 1 + random() % 4);
      }
    }
    const bool json = nlohmann::json::accept(text);
    taken += json ? 1 : 0;
    ASSERT_EQ(is_json_value(text), json) << text;
  }
  EXPECT_GT(taken, 1000u);
}

}  // namespace
}  // namespace runledger::eventlog::test
