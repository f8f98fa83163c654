// Where one request ends and the next begins: nothing may be smuggled, nothing lost.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

using EdgeFraming = EdgeTest;
using nlohmann::json;

// A request that must never be executed when it stands in another one's body.
const std::string kSmuggled = request_text("GET", "/echo", "X-Nonce: smuggled\r\n");

std::string post(std::string_view fields, std::string_view body) {
  return request_text("POST", "/echo", "Content-Type: application/json\r\n" + std::string(fields)) +
         std::string(body);
}

TEST_F(EdgeFraming, AmbiguousRequestsAreAnsweredOnceAndClosed) {
  start();
  for (const std::string& text :
       {post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n"),
        post("Content-Length: 0\r\nContent-Length: 5\r\n", "12345"),
        post("Content-Length: 5\r\nContent-Length: 5\r\n", "12345"),
        post("Content-Length: +5\r\n", "12345"), post("Content-Length : 5\r\n", "12345"),
        post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        post("X: y\n Content-Length: 5\r\n", "12345"),
        post("Transfer-Encoding: chunked\r\n", "5;a\n12345\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "0x5\r\n12345\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "5\r\n12345XX0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff1\r\n12345\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "-5\r\n12345\r\n0\r\n\r\n")}) {
    HttpClient http(port());
    http.send(text + kSmuggled);
    auto response = http.read();
    ASSERT_TRUE(response) << text;
    EXPECT_EQ(response->status, 400) << text;
    EXPECT_EQ(response->field("connection"), "close") << text;
    EXPECT_FALSE(http.read().has_value()) << "answered what was smuggled: " << text;
  }
}

TEST_F(EdgeFraming, RefusedBodyIsNotExecuted) {
  start();
  HttpClient http(port());
  http.send(request_text("POST", "/small",
                         "Content-Type: application/json\r\nContent-Length: 100000\r\n") +
            kSmuggled + kSmuggled);
  EXPECT_EQ(http.read().value_or(HttpResponse{}).status, 413);
  EXPECT_FALSE(http.read().has_value());
}

TEST_F(EdgeFraming, PipelinedRequestsAreAnsweredInOrder) {
  start();
  constexpr int kRequests = 200;
  std::string text;
  for (int i = 0; i < kRequests; ++i) {
    std::string nonce = "X-Nonce: " + std::to_string(i) + "\r\n";
    text += i % 3 == 0 ? request_text("POST", "/echo", nonce, "{}")
                       : request_text("GET", i % 3 == 1 ? "/echo" : "/early", nonce);
  }
  HttpClient http(port());
  http.send(text);
  for (int i = 0; i < kRequests; ++i) {
    auto response = http.read();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->field("x-nonce"), std::to_string(i));
  }
}

TEST_F(EdgeFraming, ChunkedBodyMayArriveInAnyPieces) {
  start();
  std::string text = post("Transfer-Encoding: chunked\r\n",
                          "3\r\nabc\r\n2;ext=\"v\"\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
  // Every cut, the one between a chunk's CR and LF among them.
  for (std::size_t cut = text.size() - 50; cut < text.size(); ++cut) {
    HttpClient http(port());
    http.send(text.substr(0, cut));
    http.send(text.substr(cut));
    auto response = http.read();
    ASSERT_TRUE(response) << cut;
    ASSERT_EQ(response->status, 200) << cut << response->body;
    EXPECT_EQ(json::parse(response->body)["body"], "abcde");
  }
}

TEST_F(EdgeFraming, RequestMayArriveByteByByte) {
  start();
  HttpClient http(port());
  for (char c : request_text("POST", "/echo", "", "{\"a\":1}")) {
    ASSERT_TRUE(http.send(std::string_view(&c, 1)));
  }
  auto response = http.read();
  ASSERT_TRUE(response);
  EXPECT_EQ(json::parse(response->body)["body"], "{\"a\":1}");
}

TEST_F(EdgeFraming, LargeChunkedUploadsDoNotWearTheServerOut) {
  start();
  std::string chunk = "10000\r\n" + std::string(65536, 'a') + "\r\n";
  std::string text = post("Transfer-Encoding: chunked\r\n", "");
  for (int i = 0; i < 16; ++i) text += chunk;
  text += "0\r\n\r\n";
  HttpClient http(port());
  for (int i = 0; i < 60; ++i) {
    auto response = http.exchange(text);
    ASSERT_TRUE(response) << i;
    ASSERT_EQ(response->status, 200) << i;
  }
}

TEST_F(EdgeFraming, GarbageIsAnsweredOrClosed) {
  start();
  for (const std::string& text :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("\n\n\n"),
        std::string("GET / HTTP/1.1\r\n\0: a\r\n\r\n", 24), std::string("\r\n\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")}) {
    HttpClient http(port());
    http.send(text);
    auto response = http.read();
    ASSERT_TRUE(response) << text;
    EXPECT_GE(response->status, 400) << text;
    EXPECT_TRUE(http.is_ended());
  }
  HttpClient http(port());
  EXPECT_EQ(http.get("/echo").value_or(HttpResponse{}).status, 200);
}

}  // namespace
}  // namespace runledger::api
