// Artifacts on their way into the store.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/api/edge_fixture.h"

namespace runledger::api {
namespace {

class EdgeUpload : public EdgeTest {
 protected:
  static std::string put(const std::string& sha256, std::string_view fields) {
    return request_text("PUT", "/v1/worker/artifacts/" + sha256, fields);
  }
  static std::string put_bytes(const std::string& sha256, const std::string& bytes) {
    return put(sha256, "Content-Length: " + std::to_string(bytes.size()) + "\r\n") + bytes;
  }
  HttpResponse send(const std::string& text) {
    HttpClient http(port());
    return http.exchange(text).value_or(HttpResponse{});
  }
};

TEST_F(EdgeUpload, IsStoredUnderItsDigest) {
  start();
  std::string bytes(1'000'003, 'u');
  std::string sha256 = sha256_hex(bytes);
  HttpClient http(port());
  auto response = http.exchange(put_bytes(sha256, bytes));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 201);
  auto stored = nlohmann::json::parse(response->body);
  EXPECT_EQ(stored["sha256"], sha256);
  EXPECT_EQ(stored["size"], bytes.size());
  EXPECT_TRUE(artifacts_.find(sha256));
  EXPECT_EQ(http.get("/echo").value_or(HttpResponse{}).status, 200) << "the connection goes on";
}

TEST_F(EdgeUpload, MayBeEmptyAndMayBeChunked) {
  start();
  EXPECT_EQ(send(put_bytes(sha256_hex(""), "")).status, 201);
  EXPECT_EQ(send(put(sha256_hex("abc"), "Transfer-Encoding: chunked\r\n") +
                 "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")
                .status,
            201);
}

TEST_F(EdgeUpload, OtherBytesThanPromisedAreNotKept) {
  start();
  HttpResponse response = send(put_bytes(sha256_hex("a"), "b"));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(code_of(response), "digest_mismatch");
  artifacts_.wait_until_unstaged();
  EXPECT_FALSE(artifacts_.find(sha256_hex("a")));
  EXPECT_FALSE(artifacts_.find(sha256_hex("b")));
}

TEST_F(EdgeUpload, MustNameADigestAndALength) {
  start();
  EXPECT_EQ(code_of(send(put_bytes("ABC", "b"))), "bad_digest");
  EXPECT_EQ(code_of(send(put(sha256_hex("a"), ""))), "length_required");
}

TEST_F(EdgeUpload, BeyondTheLimitIsRefused) {
  settings_.limits.upload_bytes_max = 1000;
  start();
  std::string bytes(1001, 'u');
  EXPECT_EQ(send(put_bytes(sha256_hex(bytes), bytes)).status, 413);
  EXPECT_EQ(send(put(sha256_hex(bytes), "Expect: 100-continue\r\nContent-Length: 1001\r\n")).status,
            413)
      << "before the client is told to go on";
  EXPECT_EQ(send(put(sha256_hex(bytes), "Transfer-Encoding: chunked\r\n") + "3e9\r\n" + bytes +
                 "\r\n0\r\n\r\n")
                .status,
            413);
  artifacts_.wait_until_unstaged();
  EXPECT_FALSE(artifacts_.find(sha256_hex(bytes)));
}

TEST_F(EdgeUpload, CutOffLeavesNothing) {
  start();
  {
    HttpClient http(port());
    http.send(put(sha256_hex("abc"), "Content-Length: 3\r\n") + "ab");
  }
  stop();
  artifacts_.wait_until_unstaged();
  EXPECT_FALSE(artifacts_.find(sha256_hex("ab")));
}

TEST_F(EdgeUpload, SlowOneRunsOutOfTime) {
  settings_.limits.upload_read_timeout = std::chrono::milliseconds(50);
  start();
  EXPECT_EQ(send(put(sha256_hex("abc"), "Content-Length: 3\r\n") + "ab").status, 408);
}

TEST_F(EdgeUpload, FailingStoreIsAProblem) {
  artifacts_.fails = true;
  start();
  EXPECT_EQ(code_of(send(put_bytes(sha256_hex("a"), "a"))), "artifact_not_stored");
}

TEST_F(EdgeUpload, MoreAtATimeThanTheLimitIsOverload) {
  settings_.limits.uploads_max = 1;
  start();
  HttpClient first(port());
  first.send(put(sha256_hex("abc"), "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(first.read().value_or(HttpResponse{}).status, 100);
  EXPECT_EQ(send(put_bytes(sha256_hex("a"), "a")).status, 503);
  EXPECT_EQ(first.exchange("abc").value_or(HttpResponse{}).status, 201);
}

TEST_F(EdgeUpload, NeedsAWorker) {
  start();
  EXPECT_EQ(send("PUT /v1/worker/artifacts/" + sha256_hex("a") +
                 " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer operator\r\n"
                 "Content-Length: 1\r\n\r\na")
                .status,
            403);
}

}  // namespace
}  // namespace runledger::api
