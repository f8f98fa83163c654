// What the host takes from a plugin, through the C table.
#include "core/worker/host_calls.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/base/sha256.h"
#include "core/worker/limits.h"
#include "core/worker/server_task_link.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using ::testing::HasSubstr;

runledger_text text(std::string_view value) {
  return {value.data(), value.size()};
}

class HostCallsTest : public ::testing::Test {
 protected:
  runledger_status emit(std::string_view type, std::string_view data) {
    return host().emit(host().ctx, text(type), text(data));
  }
  runledger_status log(std::string_view level, std::string_view line) {
    return host().log(host().ctx, text(level), text(line));
  }
  runledger_status progress(double percent, std::string_view message = {}) {
    return host().progress(host().ctx, percent, text(message));
  }
  runledger_status artifact(std::string_view name, std::string_view media_type,
                            std::string_view bytes) {
    out = {};
    out.size = sizeof out;
    return host().artifact(host().ctx, text(name), text(media_type), bytes.data(), bytes.size(),
                           &out);
  }
  std::string last_error() {
    const auto reason = host().last_error(host().ctx);
    return {reason.data, reason.size};
  }
  const runledger_host& host() const { return calls.table(); }

  testing::FakeLink link;
  testing::FakeUploader uploader;
  const protocol::LeasedTask task = testing::leased("lease_1", "any");
  TaskReports reports{task, link};
  std::stop_source stop;
  ServerTaskLink to_server{task, link, uploader, reports, stop.get_token()};
  testing::FakeOutside outside;
  HostCalls calls{task, to_server, outside};
  runledger_artifact out{};
};

TEST_F(HostCallsTest, RefusesAnEventWhoseDataAreNoJson) {
  for (const char* data : {"", "{", "nope", "{}{}", "\"\xff\""}) {
    EXPECT_EQ(emit("a.b", data), RUNLEDGER_INVALID) << data;
    EXPECT_THAT(last_error(), HasSubstr("the event's data as JSON")) << data;
  }
  EXPECT_EQ(emit("a.b", std::string(100'000, '[')), RUNLEDGER_INVALID);
  EXPECT_TRUE(link.reports().empty());
  EXPECT_EQ(emit("a.b", "null"), RUNLEDGER_OK);
  EXPECT_EQ(last_error(), "");
}

TEST_F(HostCallsTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(emit("a", '"' + std::string(kEmitBytesMax, 'x') + '"'), RUNLEDGER_TOO_LARGE);
  EXPECT_THAT(last_error(), HasSubstr("at most 262144 bytes, but it has 262146"));
  EXPECT_EQ(emit(std::string(kNameBytesMax + 1, 'a'), "1"), RUNLEDGER_TOO_LARGE);
  EXPECT_EQ(log("info", std::string(kTextBytesMax + 1, 'a')), RUNLEDGER_TOO_LARGE);
  EXPECT_EQ(progress(1, std::string(kTextBytesMax + 1, 'a')), RUNLEDGER_TOO_LARGE);
  EXPECT_EQ(artifact(std::string(kNameBytesMax + 1, 'a'), "a/b", ""), RUNLEDGER_TOO_LARGE);
}

TEST_F(HostCallsTest, TakesTextUpToTheLimit) {
  EXPECT_EQ(log("info", std::string(kTextBytesMax, 'a')), RUNLEDGER_OK);
  EXPECT_EQ(emit(std::string(kNameBytesMax, 'a'), "1"), RUNLEDGER_OK);
}

TEST_F(HostCallsTest, RefusesTextThatIsNotUtf8) {
  EXPECT_EQ(log("info", "\xff"), RUNLEDGER_INVALID);
  EXPECT_EQ(last_error(), "Expected the log line in UTF-8");
  EXPECT_EQ(progress(1, "\xe5\x9b"), RUNLEDGER_INVALID);
  EXPECT_EQ(emit("\xff", "1"), RUNLEDGER_INVALID);
}

TEST_F(HostCallsTest, RefusesUnknownLevelsAndProgressThatIsNone) {
  EXPECT_EQ(log("loud", "x"), RUNLEDGER_INVALID);
  for (const double percent : {-1.0, 100.5, std::nan(""), double{INFINITY}}) {
    EXPECT_EQ(progress(percent), RUNLEDGER_INVALID) << percent;
  }
  EXPECT_EQ(progress(0), RUNLEDGER_OK);
  EXPECT_EQ(progress(100), RUNLEDGER_OK);
}

TEST_F(HostCallsTest, TakesTextWithoutAPointer) {
  EXPECT_EQ(host().progress(host().ctx, 5, {nullptr, 0}), RUNLEDGER_OK);
  EXPECT_EQ(host().emit(host().ctx, {nullptr, 0}, text("1")), RUNLEDGER_INVALID);
}

TEST_F(HostCallsTest, StoresAnArtifactAndGivesItsResource) {
  ASSERT_EQ(artifact("a.txt", "text/plain", "hello"), RUNLEDGER_OK);
  EXPECT_STREQ(out.resource_id, "res_1");
  EXPECT_EQ(out.sha256, sha256_hex("hello"));
  EXPECT_EQ(out.bytes, 5u);
  EXPECT_EQ(uploader.stored().size(), 1u);
}

TEST_F(HostCallsTest, TakesAnEmptyArtifact) {
  ASSERT_EQ(artifact("empty", "text/plain", {}), RUNLEDGER_OK);
  EXPECT_EQ(out.sha256, sha256_hex(""));
}

TEST_F(HostCallsTest, ReportsWhatWasSaidBeforeTheArtifactFirst) {
  progress(1);
  progress(50);
  ASSERT_EQ(artifact("a", "text/plain", "hello"), RUNLEDGER_OK);
  const auto all = link.reports();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(std::get<protocol::ProgressReport>(all[1]).percent, 50);
  EXPECT_TRUE(std::holds_alternative<protocol::ResourceReport>(all[2]));
}

TEST_F(HostCallsTest, RefusesNamesThatWouldBreakAHeaderLine) {
  for (const char* name : {"", "a\r\nX-Evil: 1", "tab\t", "\x7f"}) {
    EXPECT_EQ(artifact(name, "text/plain", "x"), RUNLEDGER_INVALID) << name;
    EXPECT_EQ(artifact("a", name, "x"), RUNLEDGER_INVALID) << name;
  }
  EXPECT_TRUE(uploader.stored().empty());
}

TEST_F(HostCallsTest, RefusesAnArtifactOfNothing) {
  out.size = sizeof out;
  EXPECT_EQ(host().artifact(host().ctx, text("a"), text("b"), nullptr, 1, &out), RUNLEDGER_INVALID);
  EXPECT_EQ(host().artifact(host().ctx, text("a"), text("b"), "x", 1, nullptr), RUNLEDGER_INVALID);
  out.size = 8;
  EXPECT_EQ(host().artifact(host().ctx, text("a"), text("b"), "x", 1, &out), RUNLEDGER_INVALID);
}

TEST_F(HostCallsTest, MapsWhatBecomesOfAnUpload) {
  uploader.answer = {UploadOutcome::kRefused, "the server answered 413"};
  EXPECT_EQ(artifact("a", "b", "x"), RUNLEDGER_INVALID);
  EXPECT_EQ(last_error(), "the server answered 413");
  uploader.answer = {UploadOutcome::kUnavailable, "no route"};
  EXPECT_EQ(artifact("a", "b", "x"), RUNLEDGER_UNAVAILABLE);
  uploader.answer = {UploadOutcome::kStopped, ""};
  EXPECT_EQ(artifact("a", "b", "x"), RUNLEDGER_STOPPED);
  EXPECT_TRUE(link.reports().empty());
}

TEST_F(HostCallsTest, AFencedArtifactStopsTheTask) {
  link.fence_artifacts();
  EXPECT_EQ(artifact("a", "b", "x"), RUNLEDGER_STOPPED);
  EXPECT_STREQ(out.resource_id, "");
}

TEST_F(HostCallsTest, RefusesAFailureThatIsNone) {
  EXPECT_EQ(host().set_failure(host().ctx, nullptr), RUNLEDGER_INVALID);
  runledger_failure short_one{};
  short_one.size = 8;
  EXPECT_EQ(host().set_failure(host().ctx, &short_one), RUNLEDGER_INVALID);
  const auto outcome = calls.outcome(RUNLEDGER_FAILED);
  EXPECT_THAT(std::get<protocol::FailedReport>(outcome).message, HasSubstr("did not say why"));
}

TEST_F(HostCallsTest, AnExecutorWithoutOutputOrWithAStrangeStatusHasFailed) {
  EXPECT_THAT(std::get<protocol::FailedReport>(calls.outcome(RUNLEDGER_OK)).message,
              HasSubstr("without output"));
  EXPECT_THAT(std::get<protocol::FailedReport>(calls.outcome(77)).message,
              HasSubstr("returned 77"));
}

TEST_F(HostCallsTest, SaysThatTheTaskIsToStop) {
  EXPECT_EQ(host().stop_requested(host().ctx), 0);
  stop.request_stop();
  EXPECT_EQ(host().stop_requested(host().ctx), 1);
  const auto outcome = calls.outcome(RUNLEDGER_STOPPED);
  EXPECT_TRUE(std::holds_alternative<protocol::CanceledReport>(outcome));
}

}  // namespace
}  // namespace runledger::core::worker
