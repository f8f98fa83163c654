// The http plugin as an author tests it: in the fake host, with answers that the test gives.
#include <gmock/gmock.h>

#include <unistd.h>

#include <fstream>
#include <runledger/testing.hpp>

namespace {

using namespace std::chrono_literals;
using runledger::HttpRequest;
using runledger::testing::http_answer;
using runledger::testing::http_problem;
using runledger::testing::HttpReply;
using runledger::testing::json;
using runledger::testing::json_answer;
using ::testing::HasSubstr;
using ::testing::Not;

class ScriptedHttp : public runledger::testing::PluginTest {};

TEST_F(ScriptedHttp, GivesTheAnswerAndNamesTheCredential) {
  host.give_credential("shop", "https://shop.example.com");
  host.answer_http("https://shop.example.com/orders", json_answer({{"id", 7}}));
  const auto outcome = run("http", {{"url", "https://shop.example.com/orders"},
                                    {"method", "POST"},
                                    {"json", {{"item", 17}}},
                                    {"credential", "shop"}});
  ASSERT_TRUE(outcome.succeeded()) << outcome;
  EXPECT_EQ(outcome.output()["json"]["id"], 7);
  const HttpRequest sent = host.http_requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.credential, "shop");
  EXPECT_EQ(json::parse(sent.body), json({{"item", 17}}));
  EXPECT_THAT(json(sent.headers).dump(), HasSubstr(R"(["Idempotency-Key","task_1"])"));
  EXPECT_THAT(json(sent.headers).dump(), Not(HasSubstr("Authorization")));
}

TEST_F(ScriptedHttp, ACredentialIsForItsOriginAlone) {
  const json input = {{"url", "https://other.example.com/"}, {"credential", "shop"}};
  EXPECT_EQ(run("http", input).failure_code(), "credential_unknown");
  host.give_credential("shop", "https://shop.example.com");
  EXPECT_EQ(run("http", input).failure_code(), "credential_not_for_origin");
  EXPECT_TRUE(host.http_requests().empty());
}

TEST_F(ScriptedHttp, TriesAgainWhenTheServerHasRecovered) {
  host.answer_http("https://shop.example.com/", http_answer(503, "", {{"Retry-After", "3"}}));
  host.answer_http("https://shop.example.com/", http_answer(200, "well"));
  const auto first = run("http", {{"url", "https://shop.example.com/x?token=1"}});
  EXPECT_EQ(first.failure_code(), "bad_status");
  EXPECT_TRUE(first.retryable());
  EXPECT_EQ(first.retry_after(), 3s);
  EXPECT_THAT(first.failure_message(), Not(HasSubstr("token")));
  EXPECT_EQ(go_on().output()["text"], "well");
}

TEST_F(ScriptedHttp, DoesNotRepeatAPostThatMayHaveArrived) {
  host.on_http([](const HttpRequest&) -> HttpReply { return http_problem("answer_cut"); });
  const auto lost = run("http", {{"url", "https://a.example/"}, {"method", "POST"}, {"body", "x"}});
  EXPECT_EQ(lost.failure_code(), "outcome_unknown");
  EXPECT_FALSE(lost.retryable());
  host.on_http([](const HttpRequest&) -> HttpReply { return http_problem("connect_failed"); });
  const auto away = run("http", {{"url", "https://a.example/"}, {"method", "POST"}, {"body", "x"}});
  EXPECT_EQ(away.failure_code(), "connect_failed");
  EXPECT_TRUE(away.retryable());
}

TEST_F(ScriptedHttp, DownloadsIntoAnArtifact) {
  const auto file =
      std::filesystem::temp_directory_path() / ("clip-" + std::to_string(getpid()) + ".mp4");
  std::ofstream(file) << "moving pictures";
  host.answer_http("https://cdn.example/", runledger::testing::file_answer(file, "video/mp4; x=y"));
  std::filesystem::remove(file);
  const json input = {{"url", "https://cdn.example/clip"}, {"save_as", {{"name", "clip.mp4"}}}};
  const auto outcome = run("http", input);
  ASSERT_TRUE(outcome.succeeded()) << outcome;
  const auto& stored = host.artifacts().at(0);
  EXPECT_EQ(stored.content, "moving pictures");
  EXPECT_EQ(stored.media_type, "video/mp4");
  EXPECT_EQ(outcome.output()["resource_id"], stored.resource_id);
  EXPECT_EQ(outcome.output()["sha256"], stored.sha256);
}

TEST_F(ScriptedHttp, CallsOnceHoweverItsProcessDies) {
  host.answer_http("https://a.example/", json_answer({{"ok", true}}));
  expect_survives_crashes("http", {{"url", "https://a.example/"}, {"method", "POST"}});
}

TEST_F(ScriptedHttp, ACallThatTheTestDoesNotSpeakOfFailsAndSaysSo) {
  const auto outcome = run("http", {{"url", "https://nobody.example/x?secret=1"}});
  EXPECT_EQ(outcome.failure_code(), "not_scripted");
  EXPECT_THAT(outcome.failure_message(), HasSubstr("GET https://nobody.example/x answers"));
  EXPECT_THAT(outcome.failure_message(), HasSubstr("host.answer_http"));
}

}  // namespace
