#include "api/http/target.h"

#include <gtest/gtest.h>

namespace runledger::api {
namespace {

int status_of(std::string_view text) {
  auto parsed = parse_target(text);
  auto* problem = std::get_if<Problem>(&parsed);
  return problem ? problem->status : 200;
}

TEST(Target, IsDecodedOnce) {
  auto parsed = parse_target("/v1/runs/a%20b%2525?label=k%3Av+w&empty=&flag");
  ASSERT_TRUE(std::holds_alternative<Target>(parsed));
  const Target& target = std::get<Target>(parsed);
  EXPECT_EQ(target.path, "/v1/runs/a b%25");
  EXPECT_EQ(target.query.at("label"), "k:v w");
  EXPECT_EQ(target.query.at("empty"), "");
  EXPECT_EQ(target.query.at("flag"), "");
}

TEST(Target, PlusInThePathIsAPlus) {
  EXPECT_EQ(std::get<Target>(parse_target("/a+b")).path, "/a+b");
}

TEST(Target, LongerThanTheLimitIs414) {
  EXPECT_EQ(status_of("/" + std::string(kTargetBytesMax - 1, 'a')), 200);
  EXPECT_EQ(status_of("/" + std::string(kTargetBytesMax, 'a')), 414);
}

TEST(Target, MalformedPathsAreRefused) {
  for (const char* text :
       {"",          "*",      "http://host/", "/a%",     "/a%4",       "/a%zz",         "/a%00b",
        "/a%0d%0ab", "/a%7F",  "/%ff",         "/%c0%af", "/%ed%a0%80", "/%f5%80%80%80", "/a%2fb",
        "/a%2Fb",    "/a%5cb", "/a\\b",        "/..",     "/a/../b",    "/a/%2e%2e/b",   "/a/./b",
        "//a",       "/a//b",  "/a#b"}) {
    EXPECT_EQ(status_of(text), 400) << text;
  }
}

TEST(Target, Utf8IsKept) {
  EXPECT_EQ(std::get<Target>(parse_target("/%E5%AD%97/%F0%9F%98%80")).path, "/字/😀");
}

TEST(Target, MalformedOrRepeatedQueryKeysAreRefused) {
  for (const char* text : {"/a?x=%", "/a?x=%00", "/a?%ff=1", "/a?x=1&x=2", "/a?x=1&%78=2"}) {
    EXPECT_EQ(status_of(text), 400) << text;
  }
  EXPECT_EQ(status_of("/a?&&x=1&"), 200);
}

}  // namespace
}  // namespace runledger::api
