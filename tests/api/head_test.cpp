#include "api/edge/head.h"

#include <gtest/gtest.h>

namespace runledger::api {
namespace {

constexpr std::size_t kFieldsMax = 10;

std::string with(std::string_view fields) {
  return "POST /v1/runs HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

int status_of(std::string_view text) {
  auto parsed = parse_head(text, kFieldsMax);
  auto* problem = std::get_if<Problem>(&parsed);
  return problem ? problem->status : 200;
}

Head head_of(std::string_view text) {
  return std::get<Head>(parse_head(text, kFieldsMax));
}

TEST(Head, IsReadWithLowerCaseNames) {
  Head head = head_of(with("X-A: \t b c \r\nContent-Length: 12\r\nExpect: 100-Continue\r\n"));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/runs");
  EXPECT_EQ(head.field("x-a"), "b c");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.has_body());
  EXPECT_FALSE(head.wants_close);
}

TEST(Head, ChunkedIsTheOnlyTransferEncoding) {
  EXPECT_TRUE(head_of(with("Transfer-Encoding: Chunked\r\n")).is_chunked);
  for (const char* value : {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "chunked;a", "",
                            "chunked, chunked", "\"chunked\"", "identity"}) {
    EXPECT_EQ(status_of(with("Transfer-Encoding: " + std::string(value) + "\r\n")), 400) << value;
  }
}

TEST(Head, AmbiguousFramingIsRefused) {
  for (const char* fields : {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
                             "Content-Length: 1\r\nContent-Length: 1\r\n",
                             "Content-Length: 1\r\ncontent-length: 2\r\n",
                             "Content-Length: 1, 1\r\n",
                             "Content-Length: +1\r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: 0x1\r\n",
                             "Content-Length: 1 1\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 99999999999999999999\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding : chunked\r\n",
                             " Transfer-Encoding: chunked\r\n",
                             "X: a\r\n Content-Length: 1\r\n",
                             "Content-Length : 1\r\n",
                             "Content-Length\t: 1\r\n",
                             ": a\r\n",
                             "no colon\r\n",
                             "X: a\x01\r\n",
                             "Host: b\r\n"}) {
    EXPECT_EQ(status_of(with(fields)), 400) << fields;
  }
}

TEST(Head, RequestLineIsStrict) {
  for (const char* line : {"GET /", "GET  / HTTP/1.1", "GET / x HTTP/1.1", "GET /\tx HTTP/1.1",
                           " GET / HTTP/1.1", "GE(T / HTTP/1.1", "GET / HTTQ/1.1", "GET / "}) {
    EXPECT_EQ(status_of(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
}

TEST(Head, Http10ClosesAndKnowsNoChunks) {
  EXPECT_TRUE(head_of("GET / HTTP/1.0\r\n\r\n").wants_close);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(Head, TooManyFieldsAre431) {
  std::string fields;
  for (std::size_t i = 1; i < kFieldsMax; ++i) fields += "X-" + std::to_string(i) + ": a\r\n";
  EXPECT_EQ(status_of(with(fields)), 200);
  EXPECT_EQ(status_of(with(fields + "X-Last: a\r\n")), 431);
}

TEST(Head, UnknownExpectationIs417) {
  EXPECT_EQ(status_of(with("Expect: tea\r\n")), 417);
}

TEST(HeadEnd, IsFoundOnlyWhenWhole) {
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(find_head_end(text.substr(0, size)).state, HeadEnd::State::kIncomplete) << size;
  }
  HeadEnd end = find_head_end(text + "body");
  EXPECT_EQ(end.state, HeadEnd::State::kComplete);
  EXPECT_EQ(end.size, text.size());
}

TEST(HeadEnd, BareLineEndsAndNulsAreMalformed) {
  using std::string_view_literals::operator""sv;
  for (std::string_view text : {"GET / HTTP/1.1\nHost"sv, "GET / HTTP/1.1\rHost"sv,
                                "GET / HTTP/1.1\r\nA: b\n\r\n"sv, "GET /\0"sv, "\r\n\r\n"sv}) {
    EXPECT_EQ(find_head_end(text).state, HeadEnd::State::kMalformed) << text;
  }
}

}  // namespace
}  // namespace runledger::api
