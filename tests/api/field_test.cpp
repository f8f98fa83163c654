#include "api/http/field.h"

#include <gtest/gtest.h>

namespace runledger::api {
namespace {

TEST(Field, TokenHasNoWhiteSpaceOrSeparators) {
  EXPECT_TRUE(is_token("Content-Length"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("Content-Length "));
  EXPECT_FALSE(is_token("a:b"));
}

TEST(Field, ValueHasNoControlCharactersButTabs) {
  EXPECT_TRUE(is_field_value("a\tb \xC3\xA9"));
  EXPECT_FALSE(is_field_value("a\r\nSet-Cookie: x"));
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
}

TEST(Field, ListIsSearchedForWholeTokensInAnyCase) {
  EXPECT_TRUE(list_has("keep-alive, Close", "close"));
  EXPECT_FALSE(list_has("closed", "close"));
  EXPECT_FALSE(list_has("", "close"));
}

TEST(Field, TrimTakesSpacesAndTabsOnly) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

}  // namespace
}  // namespace runledger::api
