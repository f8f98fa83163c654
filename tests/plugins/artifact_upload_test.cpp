#include "core/worker/artifact_upload.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/plugins/http_stub.h"

namespace runledger::core::worker {
namespace {

using ::testing::HasSubstr;
using testing::HttpStub;
using ::testing::Not;

UploadResult put(const std::string& url, std::string_view content = "hello",
                 const std::stop_token& stop = {}) {
  const auto uploader = make_http_uploader(url, "secret");
  return uploader->put("abc123", "text/plain", std::as_bytes(std::span(content)), stop);
}

TEST(ArtifactUpload, PutsTheBytesUnderTheirDigest) {
  const HttpStub server({201});
  EXPECT_EQ(put(server.url() + "/").outcome, UploadOutcome::kStored);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[0].target, "/v1/worker/artifacts/abc123");
  EXPECT_EQ(requests[0].authorization, "Bearer secret");
  EXPECT_EQ(requests[0].content_type, "text/plain");
  EXPECT_EQ(requests[0].expect, "");
  EXPECT_EQ(requests[0].body, "hello");
}

TEST(ArtifactUpload, TakesNothingAndALotOfBytes) {
  const HttpStub server({200, 200});
  EXPECT_EQ(put(server.url(), "").outcome, UploadOutcome::kStored);
  const std::string large(900'000, 'x');
  EXPECT_EQ(put(server.url(), large).outcome, UploadOutcome::kStored);
  EXPECT_EQ(server.requests()[0].body, "");
  EXPECT_EQ(server.requests()[1].body, large);
}

TEST(ArtifactUpload, DoesNotTryAgainWhenTheServerDoesNotWantIt) {
  for (const unsigned status : {400u, 401u, 403u, 404u, 413u}) {
    const HttpStub server({status, 201});
    const auto result = put(server.url());
    EXPECT_EQ(result.outcome, UploadOutcome::kRefused) << status;
    EXPECT_EQ(result.reason, "the server answered " + std::to_string(status) + ": answer " +
                                 std::to_string(status));
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

// The token is for this server.
TEST(ArtifactUpload, FollowsNoRedirect) {
  const HttpStub server({307});
  EXPECT_EQ(put(server.url()).outcome, UploadOutcome::kRefused);
}

TEST(ArtifactUpload, TriesAgainWhenTheServerIsBusy) {
  const HttpStub server({503, 429, 201});
  EXPECT_EQ(put(server.url()).outcome, UploadOutcome::kStored);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[2].body, "hello");
}

TEST(ArtifactUpload, GivesUpInTheEndAndSaysWhy) {
  const HttpStub server({503, 503, 503, 503, 507, 201});
  const auto result = put(server.url());
  EXPECT_EQ(result.outcome, UploadOutcome::kUnavailable);
  EXPECT_THAT(result.reason, HasSubstr("507"));
  EXPECT_THAT(result.reason, Not(HasSubstr("secret")));
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST(ArtifactUpload, StopsWhileTheServerIsSilent) {
  const HttpStub server({HttpStub::kSilence});
  std::stop_source stop;
  auto result =
      std::async(std::launch::async, [&] { return put(server.url(), "hello", stop.get_token()); });
  server.wait_for_requests(1);
  stop.request_stop();
  EXPECT_EQ(result.get().outcome, UploadOutcome::kStopped);
}

TEST(ArtifactUpload, StopsBeforeItBegins) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(put("http://127.0.0.1:1", "hello", stop.get_token()).outcome, UploadOutcome::kStopped);
}

TEST(ArtifactUpload, DoesNotSpeakOtherProtocols) {
  std::stop_source stop;
  auto result =
      std::async(std::launch::async, [&] { return put("file:///tmp", "hello", stop.get_token()); });
  EXPECT_EQ(result.get().outcome, UploadOutcome::kUnavailable);
}

}  // namespace
}  // namespace runledger::core::worker
