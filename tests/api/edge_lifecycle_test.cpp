// Starting, stopping, and limits on connections.
#include <gtest/gtest.h>

#include <thread>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

using EdgeLifecycle = EdgeTest;

TEST_F(EdgeLifecycle, PortInUseIsSaidPlainly) {
  start();
  RouteTable table({});
  PistacheApplication application({});
  EdgeSettings settings;
  settings.port = port();
  Edge second(settings, table, application, authenticator_, gateway_, artifacts_, news_);
  try {
    second.start();
    FAIL() << "two edges on one port";
  } catch (const std::runtime_error& error) {
    std::string expected = "cannot listen on 127.0.0.1:" + std::to_string(port());
    EXPECT_EQ(std::string(error.what()).substr(0, expected.size()), expected);
    EXPECT_NE(std::string(error.what()).find("listens there already"), std::string::npos);
  }
}

TEST_F(EdgeLifecycle, AddressThatIsNoneIsSaidPlainly) {
  settings_.address = "nowhere";
  EXPECT_THROW(start(), std::runtime_error);
}

TEST_F(EdgeLifecycle, StopFinishesRequestsInFlight) {
  start();
  HttpClient idle(port());
  HttpClient waiting(port());
  HttpClient holding(port());
  waiting.send(request_text("GET", "/later"));
  auto later = next_later();
  holding.send(request_text("GET", "/hold?wait=30"));
  wait_for_hold_calls(2);
  std::jthread stopper([&] { stop(); });
  EXPECT_FALSE(idle.read().has_value());
  EXPECT_EQ(holding.read().value_or(HttpResponse{}).body, "empty");
  later->give(Answer{.body = "in time"});
  auto response = waiting.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "in time");
  EXPECT_EQ(response->field("connection"), "close");
  stopper.join();
  EXPECT_THROW(HttpClient{port()}, std::runtime_error);
}

TEST_F(EdgeLifecycle, StopCutsOffWhatDoesNotEnd) {
  settings_.limits.drain_timeout = std::chrono::milliseconds(50);
  start();
  HttpClient gated(port());
  gated.send(request_text("GET", "/gated"));
  HttpClient half(port());
  half.send("GET /echo HT");
  HttpClient uploading(port());
  uploading.send(
      request_text("PUT", "/v1/worker/artifacts/" + sha256_hex("abc"), "Content-Length: 3\r\n") +
      "a");
  stop();
  EXPECT_FALSE(gated.read().has_value());
  artifacts_.wait_until_unstaged();
}

TEST_F(EdgeLifecycle, StopTwiceIsFine) {
  start();
  stop();
  stop();
}

TEST_F(EdgeLifecycle, ConnectionsBeyondTheLimitAreRefused) {
  settings_.limits.connections_max = 2;
  start();
  HttpClient first(port());
  auto second = std::make_unique<HttpClient>(port());
  EXPECT_EQ(first.get("/echo").value_or(HttpResponse{}).status, 200);
  EXPECT_EQ(second->get("/echo").value_or(HttpResponse{}).status, 200);
  {
    HttpClient third(port());
    auto response = third.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(code_of(*response), "too_many_connections");
    EXPECT_TRUE(third.is_ended());
  }
  second.reset();
  // Its place is free as soon as its end has been seen.
  std::optional<HttpResponse> response;
  do {
    HttpClient fourth(port());
    response = fourth.get("/echo");
  } while (!response || response->status == 503);
  EXPECT_EQ(response->status, 200);
}

}  // namespace
}  // namespace runledger::api
