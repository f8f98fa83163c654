#include "api/http/problem.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace runledger::api {
namespace {

using nlohmann::json;

TEST(Problem, BecomesAProblemDocument) {
  Answer answer = to_answer({.status = 409,
                             .code = "version_conflict",
                             .detail = "Expected version 3",
                             .errors = {{"/expected_version", "is stale"}},
                             .retryable = true,
                             .retry_after_s = 2,
                             .extra_json = R"({"current_version": 4})"},
                            "req_1");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  json document = json::parse(answer.body);
  EXPECT_EQ(document["type"], "about:blank");
  EXPECT_EQ(document["title"], "Conflict");
  EXPECT_EQ(document["status"], 409);
  EXPECT_EQ(document["code"], "version_conflict");
  EXPECT_EQ(document["detail"], "Expected version 3");
  EXPECT_EQ(document["instance"], "req_1");
  EXPECT_EQ(document["retryable"], true);
  EXPECT_EQ(document["errors"][0]["pointer"], "/expected_version");
  EXPECT_EQ(document["current_version"], 4);
  ASSERT_EQ(answer.headers.size(), 1u);
  EXPECT_EQ(answer.headers[0].first, "Retry-After");
  EXPECT_EQ(answer.headers[0].second, "2");
}

TEST(Problem, ExtraMembersReplaceNothing) {
  Answer answer =
      to_answer({.status = 400, .code = "mine", .extra_json = R"({"code": "theirs"})"}, "");
  EXPECT_EQ(json::parse(answer.body)["code"], "mine");
}

TEST(Problem, InvalidUtf8InTheDetailIsReplaced) {
  Answer answer = to_answer({.status = 400, .code = "c", .detail = "bad \xFF byte"}, "");
  EXPECT_EQ(json::parse(answer.body)["detail"], "bad \xEF\xBF\xBD byte");
}

TEST(Request, AbsentHeaderIsEmpty) {
  Request request;
  request.headers["accept"] = "text/html";
  EXPECT_EQ(request.header("accept"), "text/html");
  EXPECT_EQ(request.header("range"), "");
}

}  // namespace
}  // namespace runledger::api
