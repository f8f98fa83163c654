// Stored content as an answer.
#include <gtest/gtest.h>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

class EdgeFile : public EdgeTest {
 protected:
  HttpResponse get(std::string_view fields = "") {
    return client().get("/file", fields).value_or(HttpResponse{});
  }
};

TEST_F(EdgeFile, IsSentWhole) {
  start();
  std::string bytes(3'000'000, 'a');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 / 7);
  write_file(bytes);
  HttpResponse response = get();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, bytes);
  EXPECT_EQ(response.field("content-type"), "video/mp4");
  EXPECT_EQ(response.field("etag"), "\"tag\"");
  EXPECT_EQ(response.field("accept-ranges"), "bytes");
  EXPECT_EQ(response.field("content-disposition"),
            "attachment; filename=\"clip_1.mp4\"; filename*=UTF-8''clip%201.mp4");
}

TEST_F(EdgeFile, RangeIsCutOut) {
  start();
  write_file("0123456789");
  HttpResponse response = get("Range: bytes=2-4\r\n");
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "234");
  EXPECT_EQ(response.field("content-range"), "bytes 2-4/10");
}

TEST_F(EdgeFile, RangeBeyondTheEndIs416) {
  start();
  write_file("0123456789");
  HttpResponse response = get("Range: bytes=10-\r\n");
  EXPECT_EQ(response.status, 416);
  EXPECT_EQ(response.field("content-range"), "bytes */10");
}

TEST_F(EdgeFile, KnownTagIsNotSentAgain) {
  start();
  write_file("0123456789");
  HttpClient http(port());
  auto response = http.get("/file", "If-None-Match: \"tag\"\r\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 304);
  EXPECT_EQ(http.get("/file").value_or(HttpResponse{}).body, "0123456789");
}

TEST_F(EdgeFile, HeadTellsTheLengthOnly) {
  start();
  write_file("0123456789");
  HttpClient http(port());
  http.send(request_text("HEAD", "/file"));
  EXPECT_EQ(http.read(true).value_or(HttpResponse{}).field("content-length"), "10");
  EXPECT_EQ(http.get("/file").value_or(HttpResponse{}).body, "0123456789");
}

TEST_F(EdgeFile, EmptyFileIsEmpty) {
  start();
  write_file("");
  HttpResponse response = get();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.field("content-length"), "0");
}

TEST_F(EdgeFile, LostContentIsAProblem) {
  start();
  EXPECT_EQ(code_of(get()), "content_lost");
  EXPECT_EQ(code_of(client().get("/file?path=/tmp").value_or(HttpResponse{})), "content_lost");
}

TEST_F(EdgeFile, ClientThatNeverReadsIsDropped) {
  settings_.limits.write_timeout = std::chrono::milliseconds(100);
  start();
  write_file(std::string(20'000'000, 'a'));
  HttpClient never_reads(port(), /*receive_buffer_bytes=*/4096);
  never_reads.send(request_text("GET", "/file"));
  HttpClient other(port());
  EXPECT_EQ(other.get("/file").value_or(HttpResponse{}).body.size(), 20'000'000u);
  // Returns only because the connection was dropped: drain_timeout is far longer.
  stop();
  EXPECT_FALSE(never_reads.read().has_value());
}

TEST_F(EdgeFile, ClientThatNeverReadsAnAnswerIsDropped) {
  settings_.limits.write_timeout = std::chrono::milliseconds(100);
  start();
  HttpClient never_reads(port(), /*receive_buffer_bytes=*/4096);
  never_reads.send(request_text("GET", "/big?size=16000000"));
  EXPECT_EQ(client().get("/echo").value_or(HttpResponse{}).status, 200);
  stop();
  EXPECT_FALSE(never_reads.read().has_value());
}

}  // namespace
}  // namespace runledger::api
