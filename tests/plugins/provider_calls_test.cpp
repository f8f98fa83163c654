// Calls of plugins to other people's servers: made by the worker, and in frames on the way there.
#include "core/worker/provider_calls.h"

#include <gmock/gmock.h>

#include "core/worker/host_outside.h"
#include "core/worker/host_text.h"
#include "core/worker/outside_messages.h"
#include "tests/egress/scripted_server.h"
#include "tests/plugins/fakes.h"

namespace runledger::core::worker {
namespace {

using egress::HttpAnswer;
using egress::HttpProblem;
using egress::testing::ok;
using egress::testing::says;
using egress::testing::ScriptedServer;
using ::testing::HasSubstr;
using ::testing::Not;

OutsideRequest to(const ScriptedServer& server, std::string credential = {}) {
  OutsideRequest request;
  request.http.url = server.url("/jobs?key=1");
  request.credential = std::move(credential);
  return request;
}

ProviderCalls calls_with(const ScriptedServer& server, const std::string& origin) {
  ProviderAccess access;
  access.allowed = {{"127.0.0.1", server.port()}};
  access.credentials = {{"coze", origin, "Authorization", "Bearer canary", "canary"}};
  return ProviderCalls(std::move(access));
}

HttpProblem problem_of(const OutsideAnswer& answer) {
  return std::get<HttpProblem>(answer.outcome);
}

TEST(ProviderCalls, AddACredentialForItsOrigin) {
  ScriptedServer server({says(ok("hello"))});
  const auto calls = calls_with(server, *egress::origin_of(server.url()));
  const auto answer = calls.call(to(server, "coze"), {});
  EXPECT_EQ(std::get<HttpAnswer>(answer.outcome).body, "hello");
  EXPECT_THAT(server.requests().at(0), HasSubstr("Authorization: Bearer canary\r\n"));
}

TEST(ProviderCalls, GiveNoSecretBackThatTheOtherSideEchoes) {
  ScriptedServer server({says(ok("you said: Bearer canary, canary", "X-Seen: canary\r\n"))});
  const auto calls = calls_with(server, *egress::origin_of(server.url()));
  const auto answer = std::get<HttpAnswer>(calls.call(to(server, "coze"), {}).outcome);
  EXPECT_EQ(answer.body, "you said: Bearer ******, ******");
  EXPECT_EQ(answer.header("x-seen"), "******");
}

TEST(ProviderCalls, SendNoCredentialAnywhereElse) {
  ScriptedServer server({says(ok("hello"))});
  const auto calls = calls_with(server, "https://api.example.com:443");
  const auto refused = problem_of(calls.call(to(server, "coze"), {}));
  EXPECT_EQ(refused.code, "credential_not_for_origin");
  EXPECT_THAT(refused.message, HasSubstr("is for https://api.example.com:443"));
  EXPECT_THAT(refused.message, Not(HasSubstr("canary")));
  EXPECT_THAT(refused.message, Not(HasSubstr("key=1")));
  EXPECT_EQ(problem_of(calls.call(to(server, "other"), {})).code, "credential_unknown");
  EXPECT_TRUE(server.requests().empty());
  calls.call(to(server), {});  // so that the server can end
}

TEST(ProviderCalls, DoNotFollowRedirectsWithACredential) {
  ScriptedServer server({says(ok("hello"))});
  const auto calls = calls_with(server, *egress::origin_of(server.url()));
  auto request = to(server, "coze");
  request.http.redirects_max = 3;
  EXPECT_EQ(problem_of(calls.call(std::move(request), {})).code, "invalid_request");
  calls.call(to(server), {});
}

TEST(ProviderCalls, SayHowLongTheOtherSideWantsToBeLeftAlone) {
  ScriptedServer server({says("HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
                         says("HTTP/1.1 200 OK\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n")});
  const auto calls = calls_with(server, "https://api.example.com:443");
  EXPECT_EQ(calls.call(to(server), {}).retry_after_ms, 7000u);
  EXPECT_EQ(calls.call(to(server), {}).retry_after_ms, 0u);
}

TEST(OutsideMessages, GiveBackWhatWasPutIn) {
  OutsideRequest request;
  request.http.method = "POST";
  request.http.url = "https://a.example/";
  request.http.headers = {{"Accept", "*/*"}, {"X", "a\tb"}};
  request.http.body = std::string("\0\n{\xff", 4);
  request.http.redirects_max = 2;
  request.http.timeouts.total = std::chrono::milliseconds(17);
  request.credential = "coze";
  const auto got = decode_call(encode_call(request));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->http.body, request.http.body);
  EXPECT_EQ(got->http.headers, request.http.headers);
  EXPECT_EQ(got->http.timeouts.total, request.http.timeouts.total);
  EXPECT_EQ(got->credential, "coze");

  const OutsideAnswer answer{HttpAnswer{503, {{"retry-after", "1"}}, std::string("\n\0", 2), 2},
                             1000};
  const auto back = decode_call_answer(encode_call_answer(answer));
  EXPECT_EQ(std::get<HttpAnswer>(back.outcome).body, std::string("\n\0", 2));
  EXPECT_EQ(back.retry_after_ms, 1000u);

  const FetchedArtifact fetched{answer, {UploadOutcome::kStored, "", "res_1", "ab"}};
  EXPECT_EQ(decode_fetched(encode_fetched(fetched)).stored.resource_id, "res_1");
}

TEST(OutsideMessages, TakeNoNonsense) {
  for (const char* payload :
       {"", "\n", "{}", "{}\n", "[1]\nx", "nonsense\n", "{\"method\":1,\"url\":2}\n"}) {
    EXPECT_FALSE(decode_call(payload)) << payload;
    EXPECT_FALSE(decode_fetch(payload)) << payload;
    EXPECT_EQ(problem_of(decode_call_answer(payload)).code, "stopped") << payload;
    EXPECT_EQ(decode_fetched(payload).stored.outcome, UploadOutcome::kStopped) << payload;
  }
}

// --- what the C functions take ---

runledger_text text(std::string_view value) {
  return {value.data(), value.size()};
}

class HostOutside : public ::testing::Test {
 protected:
  runledger_status call() { return make_call(link, &request, &answer); }

  void SetUp() override {
    request.size = sizeof request;
    request.url = text("https://a.example/x?secret=1");
    answer.size = sizeof answer;
  }

  testing::FakeOutside link;
  runledger_http_request request{};
  runledger_http_answer answer{};
};

TEST_F(HostOutside, RefusesWhatCannotBeSent) {
  request.url = text("file:///etc/passwd");
  EXPECT_EQ(call(), RUNLEDGER_INVALID);
  request.url = text("https://a.example/");
  request.headers = text(R"({"Accept": "x"})");
  EXPECT_EQ(call(), RUNLEDGER_INVALID);
  request.headers = text(R"([["Host", "b.example"]])");
  EXPECT_EQ(call(), RUNLEDGER_INVALID);
  request.headers = text(R"([["X", "a\r\nb"]])");
  EXPECT_EQ(call(), RUNLEDGER_INVALID);
  request.headers = {};
  request.body = {"x", 9u << 20};
  EXPECT_EQ(call(), RUNLEDGER_TOO_LARGE);
  request.body = {};
  request.size = 8;
  EXPECT_EQ(call(), RUNLEDGER_INVALID);
  EXPECT_EQ(make_call(link, nullptr, &answer), RUNLEDGER_INVALID);
  EXPECT_EQ(make_call(link, &request, nullptr), RUNLEDGER_INVALID);
  EXPECT_TRUE(link.requests.empty());
}

TEST_F(HostOutside, GivesAnswersAndProblems) {
  link.answer.outcome = HttpAnswer{404, {{"a", "b"}}, "no", 2};
  EXPECT_EQ(call(), RUNLEDGER_OK);
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(string_of(answer.headers), R"([["a","b"]])");
  EXPECT_EQ(string_of(answer.body), "no");
  link.answer.outcome = HttpProblem{"answer_cut", "cut", true, true};
  EXPECT_EQ(call(), RUNLEDGER_UNAVAILABLE);
  EXPECT_EQ(string_of(answer.problem), "answer_cut");
  EXPECT_EQ(answer.may_have_arrived, 1u);
  EXPECT_EQ(last_refusal(), "cut");
  link.answer.outcome = HttpProblem{"stopped", "", false, true};
  EXPECT_EQ(call(), RUNLEDGER_STOPPED);
}

TEST_F(HostOutside, TakesNothingButA200AsAnArtifact) {
  link.fetched.answer.outcome = HttpAnswer{404, {}, {}, 0};
  FetchedArtifact fetched;
  EXPECT_EQ(fetch_artifact(link, text("a.mp4"), {}, &request, &answer, fetched),
            RUNLEDGER_UNAVAILABLE);
  EXPECT_EQ(string_of(answer.problem), "bad_status");
  EXPECT_EQ(answer.retryable, 0u);
  EXPECT_EQ(last_refusal(), "https://a.example/x answered 404");
  EXPECT_EQ(fetch_artifact(link, text(""), {}, &request, &answer, fetched), RUNLEDGER_INVALID);
}

}  // namespace
}  // namespace runledger::core::worker
