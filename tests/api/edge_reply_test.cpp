// Answers that are not there at once.
#include <gtest/gtest.h>

#include <thread>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

using EdgeReply = EdgeTest;

TEST_F(EdgeReply, LaterMayBeGivenBeforeStartReturns) {
  start();
  auto response = client().get("/early", "X-Nonce: 7\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 202);
  EXPECT_EQ(response->field("x-nonce"), "7") << "the second give() must do nothing";
}

TEST_F(EdgeReply, LaterMayBeGivenByAnotherThread) {
  start();
  HttpClient http(port());
  http.send(request_text("GET", "/later"));
  std::jthread giver([later = next_later()] { later->give(Answer{.body = "given"}); });
  EXPECT_EQ(http.read().value_or(HttpResponse{}).body, "given");
  EXPECT_EQ(http.get("/echo").value_or(HttpResponse{}).status, 200);
}

TEST_F(EdgeReply, LaterThatIsNeverGivenHasAnUnknownOutcome) {
  settings_.limits.later_timeout = std::chrono::milliseconds(50);
  start();
  HttpClient http(port());
  http.send(request_text("GET", "/later"));
  auto later = next_later();
  auto response = http.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 504);
  EXPECT_EQ(code_of(*response), "outcome_unknown");
  EXPECT_NE(response->body.find("\"retryable\":true"), std::string::npos);
  later->give(Answer{.body = "too late"});
  EXPECT_NE(http.get("/echo").value_or(HttpResponse{}).body, "too late");
}

TEST_F(EdgeReply, LaterMayBeGivenWhenTheClientHasGone) {
  start();
  {
    HttpClient http(port());
    http.send(request_text("GET", "/later"));
    auto later = next_later();
    http.reset();
    later->give(Answer{.body = "for nobody"});
  }
  EXPECT_EQ(client().get("/echo").value_or(HttpResponse{}).status, 200);
}

TEST_F(EdgeReply, LaterMayBeGivenAfterTheEdgeHasGone) {
  settings_.limits.drain_timeout = std::chrono::milliseconds(20);
  start();
  HttpClient http(port());
  http.send(request_text("GET", "/later"));
  auto later = next_later();
  stop();
  later->give(Answer{.body = "for nobody"});
  EXPECT_FALSE(http.read().has_value());
}

TEST_F(EdgeReply, HoldWithoutNewsAnswersEmptyAtItsEnd) {
  start();
  auto begin = std::chrono::steady_clock::now();
  auto response = client().get("/hold?wait=1");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "empty");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(990));
}

TEST_F(EdgeReply, HoldOfNoSecondsAnswersAtOnce) {
  start();
  EXPECT_EQ(client().get("/hold?wait=0").value_or(HttpResponse{}).body, "empty");
}

TEST_F(EdgeReply, HoldEndsWithTheNews) {
  start();
  HttpClient http(port());
  http.send(request_text("GET", "/hold?wait=30"));
  wait_for_hold_calls(2);  // before and after the watch began
  set_news("news");
  news_.publish(std::vector<std::string>{"stream"});
  EXPECT_EQ(http.read().value_or(HttpResponse{}).body, "news");
}

TEST_F(EdgeReply, NewsThatIsNoneForThisClientDoesNotEndTheHold) {
  start();
  HttpClient http(port());
  http.send(request_text("GET", "/hold?wait=30"));
  wait_for_hold_calls(2);
  news_.publish(std::vector<std::string>{"stream"});
  wait_for_hold_calls(3);
  set_news("news");
  news_.publish(std::vector<std::string>{"other", "stream"});
  EXPECT_EQ(http.read().value_or(HttpResponse{}).body, "news");
}

TEST_F(EdgeReply, NewsBetweenTheQuestionAndTheWatchIsNotLost) {
  start();
  // Published while clients are anywhere between their first question and their watch.
  for (int round = 0; round < 50; ++round) {
    set_news("");
    HttpClient http(port());
    http.send(request_text("GET", "/hold?wait=30"));
    std::jthread publisher([&] {
      set_news("news");
      news_.publish(std::vector<std::string>{"stream"});
    });
    ASSERT_EQ(http.read().value_or(HttpResponse{}).body, "news") << round;
  }
}

TEST_F(EdgeReply, HandlerThatHangsIsCutOffAndItsPairIsUsedAgainWhenItReturns) {
  settings_.limits.application_timeout = std::chrono::milliseconds(100);
  application_settings_.threads = 1;
  application_settings_.pairs_max = 1;
  start();
  HttpClient http(port());
  auto response = http.get("/gated");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 504);
  // The only pair waits for the late answer.
  response = http.get("/echo", "X-Nonce: a\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->field("retry-after"), "1");
  open_gate();
  do {
    response = http.get("/echo", "X-Nonce: b\r\n");
    ASSERT_TRUE(response);
  } while (response->status == 503);
  EXPECT_EQ(response->field("x-nonce"), "b");
}

TEST_F(EdgeReply, MoreInFlightThanTheLimitIsOverload) {
  settings_.limits.in_flight_max = 2;
  application_settings_.threads = 1;
  start();
  HttpClient first(port());
  HttpClient second(port());
  first.send(request_text("GET", "/gated"));
  second.send(request_text("GET", "/gated"));
  HttpClient third(port());
  std::optional<HttpResponse> response;
  do {
    // Until both others are in.
    response = HttpClient(port()).get("/public?x=1");
    ASSERT_TRUE(response);
  } while (response->status == 200);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(code_of(*response), "overloaded");
  open_gate();
  EXPECT_EQ(first.read().value_or(HttpResponse{}).body, "through");
  EXPECT_EQ(second.read().value_or(HttpResponse{}).body, "through");
}

}  // namespace
}  // namespace runledger::api
