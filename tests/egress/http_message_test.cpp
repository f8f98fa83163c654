#include "core/egress/http_message.h"

#include <gtest/gtest.h>

namespace runledger::core::egress {
namespace {

HttpRequest to(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

TEST(HttpRequest, IsRefusedForUrlsThatAreNone) {
  for (const char* url : {"", "nowhere", "ftp://example.com/", "file:///etc/passwd",
                          "gopher://example.com/", "http://", "http://user:word@example.com/",
                          "http://user@example.com/", "http://example.com/ HTTP/1.1\r\nX: y",
                          "http://exa mple.com/", "http://example.com:99999/"}) {
    EXPECT_NE(request_problem(to(url)), "") << url;
  }
  EXPECT_NE(request_problem(to("http://example.com/" + std::string(kUrlBytesMax, 'a'))), "");
  EXPECT_EQ(request_problem(to("https://example.com/a?b=c")), "");
}

TEST(HttpRequest, IsRefusedForHeadersThatWouldChangeTheMessage) {
  for (const auto& [name, value] : Headers{{"X-A", "b\r\nHost: other"},
                                           {"X A", "b"},
                                           {"", "b"},
                                           {"Content-Length", "5"},
                                           {"transfer-encoding", "chunked"},
                                           {"HOST", "other"},
                                           {"X-A", std::string("a\0b", 3)}}) {
    auto request = to("http://example.com/");
    request.headers = {{name, value}};
    EXPECT_NE(request_problem(request), "") << name;
  }
}

TEST(HttpRequest, IsRefusedForMethodsThatAreNoneOrTunnel) {
  for (const char* method : {"", "GE T", "GET\r\n", "CONNECT", "TRACE", "AVERYLONGMETHODNAME"}) {
    auto request = to("http://example.com/");
    request.method = method;
    EXPECT_NE(request_problem(request), "") << method;
  }
}

TEST(HttpRequest, FollowsRedirectsOnlyWithoutSecrets) {
  auto request = to("http://example.com/");
  request.redirects_max = 3;
  request.headers = {{"Accept", "image/png"}};
  EXPECT_EQ(request_problem(request), "");
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key"}) {
    request.headers = {{name, "secret"}};
    EXPECT_NE(request_problem(request), "") << name;
  }
  request.headers = {};
  request.method = "POST";
  EXPECT_NE(request_problem(request), "");
}

HttpAnswer with_retry_after(const char* value) {
  HttpAnswer answer;
  answer.headers = {{"retry-after", value}};
  return answer;
}

TEST(RetryAfter, ReadsSecondsAndDates) {
  using std::chrono::seconds;
  EXPECT_EQ(retry_after(with_retry_after("7"), 0), seconds(7));
  EXPECT_EQ(retry_after(with_retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), 784111747), seconds(30));
  EXPECT_EQ(retry_after(with_retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), 999999999), seconds(0));
}

TEST(RetryAfter, BelievesNothingSenseless) {
  EXPECT_EQ(retry_after({}, 0), std::nullopt);
  EXPECT_EQ(retry_after(with_retry_after("soon"), 0), std::nullopt);
  EXPECT_EQ(retry_after(with_retry_after("-5"), 0), std::chrono::seconds(0));
  EXPECT_EQ(retry_after(with_retry_after("99999999"), 0), std::chrono::hours(24));
}

TEST(WithoutSecrets, LeavesQueryAndUserOut) {
  EXPECT_EQ(without_secrets("https://me:word@example.com:8443/a/b?key=secret#part"),
            "https://example.com:8443/a/b");
  EXPECT_EQ(without_secrets("::"), "a URL that is none");
}

}  // namespace
}  // namespace runledger::core::egress
