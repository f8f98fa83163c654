// What the edge makes of one request, from its head to the answer of the application.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

using nlohmann::json;

class EdgeRequest : public EdgeTest {
 protected:
  EdgeRequest() {
    settings_.limits.body_timeout = std::chrono::milliseconds(150);
    settings_.limits.head_timeout = std::chrono::milliseconds(150);
  }

  HttpResponse exchange(std::string_view bytes) {
    HttpClient http(port());
    return http.exchange(bytes).value_or(HttpResponse{});
  }
  void expect_problem(std::string_view bytes, int status, std::string_view code) {
    HttpResponse response = exchange(bytes);
    EXPECT_EQ(response.status, status) << bytes.substr(0, 200);
    EXPECT_EQ(code_of(response), code) << bytes.substr(0, 200);
    EXPECT_EQ(response.field("content-type"), "application/problem+json");
    EXPECT_FALSE(response.field("x-request-id").empty());
  }
};

TEST_F(EdgeRequest, ReachesTheHandlerWhole) {
  start();
  HttpResponse response =
      exchange(request_text("GET", "/echo/x%20y/%E5%AD%97?k=v%26w", "X-Nonce: n1\r\n"));
  EXPECT_EQ(response.status, 200);
  json seen = json::parse(response.body);
  EXPECT_EQ(seen["method"], "GET");
  EXPECT_EQ(seen["path"], "/echo/x y/字");
  EXPECT_EQ(seen["parameters"], json({"x y", "字"}));
  EXPECT_EQ(seen["query"]["k"], "v&w");
  EXPECT_EQ(seen["user"], "admin");
  EXPECT_EQ(response.field("x-nonce"), "n1");
  EXPECT_EQ(response.field("content-type"), "application/json");
  EXPECT_EQ(response.field("cache-control"), "no-store");
  EXPECT_EQ(response.field("x-content-type-options"), "nosniff");
  EXPECT_EQ(response.field("x-runledger-exchange"), "");
}

TEST_F(EdgeRequest, BodyReachesTheHandlerByteForByte) {
  start();
  std::string body(300'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
  HttpResponse response = exchange(request_text("POST", "/echo", "", body));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["body"], body);
}

TEST_F(EdgeRequest, SaneRequestIdIsKeptAndAnotherIsReplaced) {
  settings_.make_request_id = [] {
    return "made";
  };
  start();
  EXPECT_EQ(
      exchange(request_text("GET", "/echo", "X-Request-Id: a.B_9-\r\n")).field("x-request-id"),
      "a.B_9-");
  for (const std::string& id : {std::string("a b"), std::string(65, 'a'), std::string("<x>")}) {
    HttpResponse response = exchange(request_text("GET", "/echo", "X-Request-Id: " + id + "\r\n"));
    EXPECT_EQ(response.field("x-request-id"), "made");
    EXPECT_EQ(json::parse(response.body)["request_id"], "made");
  }
}

TEST_F(EdgeRequest, TokenAndRoleDecideWhoMayEnter) {
  start();
  auto status = [&](std::string_view method, std::string_view target, std::string_view token) {
    std::string text;
    text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: a\r\n");
    if (!token.empty()) text.append("Authorization: Bearer ").append(token).append("\r\n");
    return exchange(text + "\r\n").status;
  };
  EXPECT_EQ(status("GET", "/public", ""), 200);
  EXPECT_EQ(status("GET", "/echo", ""), 401);
  EXPECT_EQ(status("GET", "/echo", "wrong"), 401);
  EXPECT_EQ(status("GET", "/echo", "nobody"), 403);
  EXPECT_EQ(status("GET", "/echo", "worker"), 403);
  for (const char* token : {"viewer", "submitter", "reviewer", "operator", "admin"}) {
    EXPECT_EQ(status("GET", "/echo", token), 200) << token;
  }
  EXPECT_EQ(status("POST", "/echo", "viewer"), 403);
  EXPECT_EQ(status("POST", "/echo", "reviewer"), 403);
  EXPECT_EQ(status("POST", "/echo", "submitter"), 200);
  EXPECT_EQ(status("DELETE", "/admin", "operator"), 403);
  EXPECT_EQ(status("DELETE", "/admin", "admin"), 200);
}

TEST_F(EdgeRequest, RefusalOfATokenSaysHowToShowOne) {
  start();
  HttpResponse response =
      exchange("GET /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YQ==\r\n\r\n");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(code_of(response), "unauthenticated");
  EXPECT_EQ(response.field("www-authenticate"), "Bearer realm=\"runledger\"");
}

TEST_F(EdgeRequest, TokenIsCheckedBeforeTheBodyIsRead) {
  start();
  // The body never comes, nor is it waited for.
  expect_problem(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n"
      "Content-Type: application/json\r\n\r\n",
      401, "unauthenticated");
}

TEST_F(EdgeRequest, UnknownPathsAndMethodsAreProblems) {
  start();
  expect_problem(request_text("GET", "/nowhere"), 404, "not_found");
  HttpResponse response = exchange(request_text("PATCH", "/echo"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.field("allow"), "GET, HEAD, POST");
  expect_problem(request_text("GET", "/a%zz"), 400, "bad_target");
}

TEST_F(EdgeRequest, BodyMustBeExpectedJsonAndOfSize) {
  start();
  expect_problem(request_text("GET", "/echo", "", "{}"), 400, "body_not_expected");
  expect_problem(
      "POST /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer admin\r\n"
      "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
      415, "unsupported_media_type");
  EXPECT_EQ(exchange(request_text("POST", "/small", "", std::string(1000, 'a'))).status, 200);
  expect_problem(request_text("POST", "/small", "", std::string(1001, 'a')), 413, "body_too_large");
}

TEST_F(EdgeRequest, TooLargeBodyIsRefusedWithoutReadingItAll) {
  start();
  HttpClient http(port());
  http.send(request_text("POST", "/small",
                         "Content-Type: application/json\r\n"
                         "Content-Length: 100000000000\r\n"));
  EXPECT_EQ(http.read().value_or(HttpResponse{}).status, 413);
  EXPECT_TRUE(http.is_ended());
}

TEST_F(EdgeRequest, ChunkedBodyBeyondTheLimitIsRefused) {
  start();
  std::string text = request_text(
      "POST", "/small", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
  expect_problem(text + "3e9\r\n" + std::string(1001, 'a') + "\r\n0\r\n\r\n", 413,
                 "body_too_large");
}

TEST_F(EdgeRequest, LongTargetsAndHeadsAreRefused) {
  start();
  expect_problem(request_text("GET", "/" + std::string(3000, 'a')), 414, "target_too_long");
  expect_problem(request_text("GET", std::string(50 * 1024, '/')), 414, "target_too_long");
  expect_problem(request_text("GET", "/echo", "X-Long: " + std::string(17'000, 'a') + "\r\n"), 431,
                 "head_too_large");
}

TEST_F(EdgeRequest, SlowHeadAndSlowBodyRunOutOfTime) {
  start();
  expect_problem("GET /ec", 408, "request_timeout");
  expect_problem(
      request_text("POST", "/echo", "Content-Type: application/json\r\nContent-Length: 10\r\n") +
          "{",
      408, "request_timeout");
}

TEST_F(EdgeRequest, IdleConnectionIsClosedWithoutAWord) {
  settings_.limits.idle_timeout = std::chrono::milliseconds(50);
  start();
  HttpClient http(port());
  EXPECT_FALSE(http.read().has_value());
}

TEST_F(EdgeRequest, HeadHasTheFieldsOfGetAndNoBody) {
  start();
  HttpClient http(port());
  http.send(request_text("HEAD", "/big?size=1234"));
  auto response = http.read(/*is_head=*/true);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->field("content-length"), "1234");
  // A body would be taken for the start of this answer.
  EXPECT_EQ(http.get("/echo").value_or(HttpResponse{}).status, 200);
}

TEST_F(EdgeRequest, ExpectationIsAnsweredBeforeTheBody) {
  start();
  HttpClient http(port());
  http.send(request_text("POST", "/echo",
                         "Expect: 100-continue\r\nContent-Type: application/json\r\n"
                         "Content-Length: 2\r\n"));
  EXPECT_EQ(http.read().value_or(HttpResponse{}).status, 100);
  http.send("{}");
  EXPECT_EQ(http.read().value_or(HttpResponse{}).status, 200);
}

TEST_F(EdgeRequest, ExpectationOfARefusedRequestIsNotMet) {
  start();
  expect_problem(request_text("POST", "/small",
                              "Expect: 100-continue\r\nContent-Type: application/json\r\n"
                              "Content-Length: 2000\r\n"),
                 413, "body_too_large");
}

TEST_F(EdgeRequest, EmptyAnswerHasNoLength) {
  start();
  HttpClient http(port());
  auto response = http.get("/empty");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->field("content-length"), "");
  EXPECT_EQ(http.get("/echo").value_or(HttpResponse{}).status, 200);
}

TEST_F(EdgeRequest, ThrowingHandlersAreProblemsWithoutTheirText) {
  start();
  for (const char* target : {"/throw", "/throw42", "/split"}) {
    HttpResponse response = exchange(request_text("GET", target));
    EXPECT_EQ(response.status, 500) << target;
    EXPECT_EQ(code_of(response), "internal_error") << target;
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(exchange(request_text("GET", "/echo")).status, 200);
}

TEST_F(EdgeRequest, AnswerLongerThanTheLimitIsAProblem) {
  application_settings_.answer_bytes_max = 100'000;
  start();
  EXPECT_EQ(exchange(request_text("GET", "/big?size=100000")).body.size(), 100'000u);
  expect_problem(request_text("GET", "/big?size=100001"), 500, "internal_error");
}

TEST_F(EdgeRequest, LargeAnswersArriveWhole) {
  start();
  HttpResponse response = exchange(request_text("GET", "/big?size=16777216"));
  EXPECT_EQ(response.body.size(), 16u * 1024 * 1024);
}

TEST_F(EdgeRequest, Http10IsAnsweredAndClosed) {
  start();
  HttpClient http(port());
  auto response = http.exchange("GET /public HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->field("connection"), "close");
  EXPECT_TRUE(http.is_ended());
}

}  // namespace
}  // namespace runledger::api
