// Faults in what the stand-in says: well-formed answers that are of no use.
#include <gtest/gtest.h>

#include "core/egress/http_call.h"
#include "tests/provider/provider_process.h"

namespace runledger::provider::testing {
namespace {

using e2e::HttpResult;
using e2e::HttpSession;
using Json = nlohmann::ordered_json;

constexpr const char* kRun = R"({"workflow_id":"cover","parameters":{},"is_async":true})";
constexpr const char* kPrompt = R"({"prompt":"a lake"})";

std::string submit(HttpSession& session) {
  return session.post("/v1/workflow/run", kRun).json()["execute_id"];
}

Json history(HttpSession& session, const std::string& id) {
  const Json answer = session.get("/v1/workflows/cover/run_histories/" + id).json();
  return answer.contains("data") ? answer["data"][0] : answer;
}

Json result_of(const Json& run) {
  return Json::parse(Json::parse(run["output"].get<std::string>())["Output"].get<std::string>());
}

TEST(ProviderFault, SuccessWithoutUrl) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const std::string id = submit(session);
  ASSERT_TRUE(provider.fault(R"({"endpoint":"history","fault":"no_url"})"));
  const Json run = history(session, id);
  EXPECT_EQ(run["execute_status"], "Success");
  EXPECT_FALSE(result_of(run).contains("url"));
  EXPECT_TRUE(result_of(history(session, id)).contains("url"));
  ASSERT_TRUE(provider.fault(R"({"endpoint":"images","fault":"no_url"})"));
  EXPECT_TRUE(session.post("/v1/images/generations", kPrompt).json()["data"][0].empty());
}

TEST(ProviderFault, UnknownStatus) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  const std::string id = submit(session);
  ASSERT_TRUE(provider.fault(R"({"endpoint":"history","fault":"unknown_status"})"));
  EXPECT_EQ(history(session, id)["execute_status"], "Paused");
  const std::string video = session.post("/v1/videos", kPrompt).json()["id"];
  ASSERT_TRUE(provider.fault(R"({"endpoint":"video","fault":"unknown_status"})"));
  EXPECT_EQ(session.get("/v1/videos/" + video).json()["status"], "paused");
}

TEST(ProviderFault, IdThatNobodyKnowsAfterwards) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  ASSERT_TRUE(provider.fault(R"({"endpoint":"run","fault":"unknown_id"})"));
  EXPECT_EQ(history(session, submit(session))["code"], 4200);
  ASSERT_TRUE(provider.fault(R"({"endpoint":"videos","fault":"unknown_id"})"));
  const std::string video = session.post("/v1/videos", kPrompt).json()["id"];
  EXPECT_EQ(session.get("/v1/videos/" + video).status, 404);
}

TEST(ProviderFault, ForgetsAnIdForARequest) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const std::string id = submit(session);
  ASSERT_TRUE(provider.fault(R"({"endpoint":"history","fault":"unknown_id"})"));
  EXPECT_EQ(history(session, id)["code"], 4200);
  EXPECT_EQ(history(session, id)["execute_status"], "Success");
  ASSERT_TRUE(provider.fault(R"({"endpoint":"cancel","fault":"unknown_id"})"));
  const std::string body = R"({"execute_id":")" + id + R"("})";
  EXPECT_EQ(session.post("/v1/workflow/cancel", body).json()["code"], 4200);
  const std::string video = session.post("/v1/videos", kPrompt).json()["id"];
  for (const std::string fault : {"video", "content"}) {
    ASSERT_TRUE(provider.fault(R"({"endpoint":")" + fault + R"(","fault":"unknown_id"})"));
  }
  EXPECT_EQ(session.get("/v1/videos/" + video).status, 404);
  EXPECT_EQ(session.get("/v1/videos/" + video + "/content").status, 404);
  EXPECT_EQ(session.get("/v1/videos/" + video + "/content").status, 200);
}

TEST(ProviderFault, DoesNotFindAKey) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  session.post("/v1/workflow/run", kRun, {{"Idempotency-Key", "k"}});
  ASSERT_TRUE(provider.fault(R"({"endpoint":"find","fault":"unknown_id"})"));
  EXPECT_EQ(session.get("/v1/workflow/run?idempotency_key=k").json()["code"], 4200);
  EXPECT_EQ(session.get("/v1/workflow/run?idempotency_key=k").json()["code"], 0);
}

TEST(ProviderFault, ResultAtAHostThatRefusesConnections) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  const std::string id = submit(session);
  ASSERT_TRUE(provider.fault(R"({"endpoint":"history","fault":"dead_host"})"));
  core::egress::HttpRequest request;
  request.url = result_of(history(session, id))["url"];
  const auto outcome = core::egress::HttpCaller::to_own_server().call(request);
  const auto* problem = std::get_if<core::egress::HttpProblem>(&outcome);
  ASSERT_NE(problem, nullptr);
  EXPECT_EQ(problem->code, "connect_failed");
  ASSERT_TRUE(provider.fault(R"({"endpoint":"images","fault":"dead_host"})"));
  const Json images = session.post("/v1/images/generations", kPrompt).json();
  EXPECT_FALSE(images["data"][0]["url"].get<std::string>().starts_with(provider.url()));
}

TEST(ProviderFault, JobThatFails) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  ASSERT_TRUE(provider.fault(R"({"endpoint":"run","fault":"fail","message":"Out of paint"})"));
  const Json run = history(session, submit(session));
  EXPECT_EQ(run["execute_status"], "Fail");
  EXPECT_EQ(run["error_message"], "Out of paint");
  ASSERT_TRUE(provider.fault(R"({"endpoint":"videos","fault":"fail"})"));
  const std::string video = session.post("/v1/videos", kPrompt).json()["id"];
  const Json failed = session.get("/v1/videos/" + video).json();
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["error"]["code"], "generation_failed");
}

TEST(ProviderFault, JobThatTakesLonger) {
  ProviderProcess provider({"--job-ms", "0"});
  HttpSession session = provider.session();
  ASSERT_TRUE(provider.fault(R"({"endpoint":"run","fault":"job_ms","ms":600000})"));
  EXPECT_EQ(history(session, submit(session))["execute_status"], "Running");
  EXPECT_EQ(history(session, submit(session))["execute_status"], "Success");
}

TEST(ProviderFault, TellsTheCredential) {
  ProviderProcess provider;
  HttpSession session = provider.session();
  ASSERT_TRUE(provider.fault(R"({"endpoint":"run","fault":"echo_credential"})"));
  const HttpResult answer = session.post("/v1/workflow/run", kRun);
  EXPECT_EQ(answer.status, 400);
  const std::string authorization = std::string("Bearer ") + kToken;
  EXPECT_EQ(answer.headers.at("x-received-authorization"), authorization);
  EXPECT_NE(answer.body.find(authorization), std::string::npos);
  EXPECT_EQ(provider.counters()["jobs"], 0);
}

}  // namespace
}  // namespace runledger::provider::testing
